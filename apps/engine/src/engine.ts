import type { AcceptAnswer, AcceptRequest, EngineStatus, OwnerAnswer, OwnerQueryRequest } from '#protocol';

export const ENGINE = Symbol('millrace.engine');

/** What the engine port needs of the engine. */
export interface Engine {
  readonly clusterSecret: string | undefined;
  query(request: OwnerQueryRequest): Promise<OwnerAnswer>;
  /** An operator accepts the halt of a partition (L11). Never rejects. */
  accept(request: AcceptRequest): Promise<AcceptAnswer>;
  status(): EngineStatus;
}
