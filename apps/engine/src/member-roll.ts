import type { GroupDirectory, GroupPeer } from '#kafka';
import type { Departure } from '#liveness';
import type { Logger } from '#observability';
import type { MemberRecords } from './records/member-records.js';

type Gone = Omit<Departure, 'id'> & { readonly at: number };

const remembered = 32;

/** Who was in the group at the last assignment: says who has joined and who has left since, and why where somebody said so. */
export class MemberRoll {
  #members: ReadonlyMap<string, GroupPeer> | undefined;
  #departures: Gone[] = [];
  readonly #twins = new Set<string>();

  constructor(
    private readonly ownInstance: string,
    private readonly logger: Logger,
    private readonly records: MemberRecords,
  ) {}

  get departures(): readonly Gone[] {
    return this.#departures;
  }

  departed(departure: Omit<Departure, 'id'>): void {
    this.#departures.push({ ...departure, at: Date.now() });
    if (this.#departures.length > remembered) this.#departures.shift();
  }

  /** The others, as the latest assignment names them. Where it names neighbours only, one that is new to it, or named no more, has not moved for that. */
  read({ members, peers }: GroupDirectory): void {
    const before = this.#members;
    const isWhole = peers.length >= members - 1;
    this.#members = new Map(peers.map((peer) => [peer.memberId, peer]));
    for (const [memberId, peer] of before ?? []) if (!this.#members.has(memberId) && (isWhole || this.#whyLeft(memberId))) this.#left(peer);
    for (const peer of peers) if (!before?.has(peer.memberId)) this.#joined(peer, before === undefined || !isWhole);
  }

  #whyLeft(memberId: string): Gone | undefined {
    return this.#departures.findLast((departure) => departure.memberId === memberId);
  }

  #joined(peer: GroupPeer, wasThere: boolean): void {
    const { memberId, instance, address } = peer;
    this.#departures = this.#departures.filter((departure) => departure.instance !== instance); // it is back: that is over
    if (!wasThere) {
      this.logger.info({ event: 'member.joined', member: instance, memberId, address }, `${instance} has joined`);
      this.records.joined(peer, address);
    }
    if (instance !== this.ownInstance || this.#twins.has(peer.liveness.process)) return;
    this.#twins.add(peer.liveness.process);
    this.logger.error(
      { member: instance, memberId, address },
      'two processes run under one MILLRACE_INSTANCE_ID: give each its own, or stop one of them',
    );
  }

  #left(peer: GroupPeer): void {
    const { memberId, instance } = peer;
    const told = this.#whyLeft(memberId);
    const fields = { member: instance, memberId, reason: told?.reason ?? 'session', ...(told ? { by: told.by } : {}) };
    this.logger.info({ event: 'member.left', ...fields }, `${instance} has left`);
    this.records.left(peer, fields.reason, told?.by);
  }
}
