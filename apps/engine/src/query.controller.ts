import { timingSafeEqual } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  type AcceptAnswer,
  type AcceptRequest,
  acceptPattern,
  type EngineStatus,
  engineStatusPattern,
  type OwnerAnswer,
  type OwnerQueryRequest,
  queryPattern,
} from '#protocol';
import { ENGINE, type Engine } from './engine.js';

const forbidden = { status: 'unavailable', code: 'FORBIDDEN', reason: 'the cluster secret does not match' } as const;

/** The engine port: interactive queries and this process's status. Answers nobody who lacks the cluster secret. */
@Controller()
export class QueryController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  @MessagePattern(queryPattern)
  query(@Payload() request: OwnerQueryRequest): Promise<OwnerAnswer> | OwnerAnswer {
    return this.#trusted(request.secret) ? this.engine.query(request) : forbidden;
  }

  /** An operator accepts a halt (L11); the partition itself runs no commands then, so it comes this way. */
  @MessagePattern(acceptPattern)
  accept(@Payload() request: AcceptRequest): Promise<AcceptAnswer> | AcceptAnswer {
    return this.#trusted(request.secret) ? this.engine.accept(request) : forbidden;
  }

  @MessagePattern(engineStatusPattern)
  status(@Payload() request: { readonly secret?: string }): EngineStatus | null {
    return this.#trusted(request.secret) ? this.engine.status() : null;
  }

  #trusted(given: string | undefined): boolean {
    const secret = this.engine.clusterSecret;
    if (secret === undefined) return true;
    const [a, b] = [Buffer.from(secret), Buffer.from(given ?? '')];
    return a.length === b.length && timingSafeEqual(a, b);
  }
}
