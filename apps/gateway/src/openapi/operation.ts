import type { z } from 'zod';

/** One route as the OpenAPI document shows it. Schemas are the very validators that the controllers use. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** OpenAPI spelling: `{id}`. */
  readonly path: string;
  readonly tag: 'Workflows' | 'Executions' | 'Commands' | 'History' | 'Cluster' | 'Operations';
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: { readonly schema: z.ZodType; readonly required: boolean };
  /** True: takes `Idempotency-Key` (and so is a command). */
  readonly isCommand?: boolean;
  /** Success statuses with what they mean; errors follow from the kind of operation. */
  readonly answers: Readonly<Record<number, string>>;
  /** Error statuses besides 400, 404 of the path, 408 and 503. */
  readonly errors?: readonly number[];
}
