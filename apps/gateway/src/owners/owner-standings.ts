import type { EnginePartition, EngineStatus } from '#protocol';
import type { Clock } from '#runtime';
import type { OwnerChannel } from '../ports/owner-channel.js';
import type { EngineMember, OwnerDirectory } from '../ports/owner-directory.js';
import { askStatus } from './ask-status.js';

/** A partition as its owner described it at `at` (this gateway's clock). */
export interface Standing {
  readonly owner: EngineMember;
  readonly at: number;
  readonly partition: EnginePartition;
}

export interface OwnerStandingsPorts {
  readonly channel: OwnerChannel;
  readonly directory: OwnerDirectory;
  readonly clock: Clock;
}

const answerWithinMs = 800;
const freshForMs = 400;

/** How owners say their partitions stand; asked only while somebody waits for one. What a former owner said does not count. */
export class OwnerStandings {
  readonly #said = new Map<string, { readonly at: number; readonly partitions: ReadonlyMap<number, EnginePartition> }>();
  readonly #asking = new Map<string, Promise<void>>();

  constructor(
    private readonly ports: OwnerStandingsPorts,
    private readonly secret: string | undefined,
  ) {}

  /** What the partition's present owner said of it last; undefined when it has said nothing. */
  last(partition: number): Standing | undefined {
    const owner = this.ports.directory.ownerOf(partition);
    const said = owner && this.#said.get(owner.memberId);
    const seen = said?.partitions.get(partition);
    return owner && said && seen ? { owner, at: said.at, partition: seen } : undefined;
  }

  /** What its present owner says of the partition, asked now unless it was within 0.4 s. Waits at most 0.8 s; never rejects. */
  async look(partition: number): Promise<Standing | undefined> {
    const owner = this.ports.directory.ownerOf(partition);
    if (!owner) return undefined;
    const known = this.#said.get(owner.memberId);
    if (known === undefined || this.ports.clock.now() - known.at >= freshForMs) await this.#ask(owner);
    return this.last(partition);
  }

  #ask(owner: EngineMember): Promise<void> {
    const { memberId } = owner;
    const asking = this.#asking.get(memberId) ?? this.#askNow(owner).finally(() => this.#asking.delete(memberId));
    this.#asking.set(memberId, asking);
    return asking;
  }

  async #askNow(owner: EngineMember): Promise<void> {
    const status = await askStatus(this.ports.channel, owner, this.secret, answerWithinMs);
    if (status) this.#learn(owner.memberId, status);
    else this.#said.delete(owner.memberId); // an owner that does not answer has said nothing
  }

  #learn(memberId: string, status: EngineStatus): void {
    this.#said.set(memberId, { at: this.ports.clock.now(), partitions: new Map(status.partitions.map((one) => [one.partition, one])) });
    const members = new Set(this.ports.directory.members().map((member) => member.memberId));
    for (const known of this.#said.keys()) if (!members.has(known)) this.#said.delete(known);
  }
}
