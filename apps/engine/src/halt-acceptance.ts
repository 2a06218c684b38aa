import type { AcceptAnswer, AcceptRequest, HaltAcceptance } from '#protocol';
import type { PartitionStatus } from '#runtime';

type HaltStatus = Pick<PartitionStatus, 'partition' | 'state' | 'reason'>;

/** What accepting needs of the partitions. */
export interface AcceptablePartitions {
  statusOf(partition: number): HaltStatus | undefined;
  /** Begins anew with a halted partition, carrying what was accepted; resolves when its recovery has ended. */
  restartAccepting(partition: number, acceptance: HaltAcceptance): Promise<AcceptAnswer>;
}

/**
 * An operator's acceptance of a halt (L11), at the owner: refused where the partition does not stand still for just that
 * reason, so that nobody accepts what he has not seen. The same acceptance again, while it is under way or after it, gets the same answer.
 */
export class HaltAcceptances {
  readonly #underWay = new Map<number, { readonly wanted: HaltAcceptance; readonly answer: Promise<AcceptAnswer> }>();
  readonly #last = new Map<number, { readonly wanted: HaltAcceptance; readonly from: number }>();

  constructor(
    private readonly partitions: AcceptablePartitions,
    private readonly instance: string,
  ) {}

  accept({ partition, acceptance }: AcceptRequest): Promise<AcceptAnswer> {
    const underWay = this.#underWay.get(partition);
    if (underWay && isSame(underWay.wanted, acceptance)) return underWay.answer;
    const status = this.partitions.statusOf(partition);
    if (status === undefined || status.state === 'stopped') return Promise.resolve({ status: 'notOwner' });
    const settled = this.#settled(status, acceptance);
    return settled ? Promise.resolve(settled) : this.#restart(partition, acceptance);
  }

  /** The answer where there is nothing to begin. */
  #settled(status: HaltStatus, wanted: HaltAcceptance): AcceptAnswer | undefined {
    const { state, reason = '' } = status;
    if (state === 'recovering') return { status: 'unavailable', code: 'RECOVERING', reason: reason || 'the partition is being recovered' };
    const code = state === 'halted' ? reason.slice(0, reason.indexOf(':')) : undefined;
    if (code === wanted.code) return undefined;
    if (code !== undefined) return { status: 'refused', state, code, reason: `the partition halted for another reason: ${reason}` };
    const last = this.#last.get(status.partition);
    if (last && isSame(last.wanted, wanted)) return { status: 'accepted', from: last.from, state, instance: this.instance };
    return { status: 'refused', state, reason: `the partition is ${state}: there is nothing to accept` };
  }

  #restart(partition: number, wanted: HaltAcceptance): Promise<AcceptAnswer> {
    this.#last.delete(partition);
    const answer = this.partitions.restartAccepting(partition, wanted).then((outcome) => {
      this.#underWay.delete(partition);
      if (outcome.status === 'accepted') this.#last.set(partition, { wanted, from: outcome.from });
      return outcome;
    });
    this.#underWay.set(partition, { wanted, answer });
    return answer;
  }
}

function isSame(one: HaltAcceptance, other: HaltAcceptance): boolean {
  return one.code === other.code && one.from === other.from;
}
