import type { EngineStatus, OwnerAnswer, OwnerQueryRequest } from '#protocol';

export const ENGINE = Symbol('millrace.engine');

/** What the engine port needs of the engine. */
export interface Engine {
  readonly clusterSecret: string | undefined;
  query(request: OwnerQueryRequest): Promise<OwnerAnswer>;
  status(): EngineStatus;
}
