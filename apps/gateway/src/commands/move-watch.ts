import type { Clock } from '#runtime';
import type { OwnerStandings, Standing } from '../owners/owner-standings.js';
import type { OwnerDirectory } from '../ports/owner-directory.js';
import { type NoAnswer, noOwner, standsStill } from './no-answer.js';
import type { PendingCommand } from './pending-replies.js';

/** What to do with a command that waits: nothing yet, send it again, or give it up by name. */
export type Verdict = 'wait' | 'repeat' | NoAnswer;

export interface MoveWatchPorts {
  readonly directory: OwnerDirectory;
  readonly standings: OwnerStandings;
  readonly clock: Clock;
}

/** A command this young is on its way: nobody is asked about it while its owner stays. */
const quietMs = 400;
/** How long a new owner that serves may take to answer what it finds undecided, before the command is repeated. */
const answerOfNewOwnerMs = 200;
/** The same for a new owner that cannot be asked how it stands. */
const answerOfSilentOwnerMs = 1_500;

/**
 * Watches the partitions of commands that wait. A command is decided once, whoever owns its partition then; only an answer that
 * died with its owner needs a repeat, which the next owner answers from its memory of commands (ADR 15, ADR 20).
 */
export class MoveWatch {
  constructor(
    private readonly ports: MoveWatchPorts,
    private readonly ownerPatienceMs: number,
  ) {}

  /** Asks the group and the owners about what has waited too long; what they say shows at the next `judge`. */
  ask(waiting: Iterable<PendingCommand>): void {
    const { clock, directory, standings } = this.ports;
    const partitions = new Set<number>();
    for (const { since, owner, outgoing } of waiting) {
      const { partition } = outgoing;
      if (clock.now() - since >= quietMs || directory.ownerOf(partition)?.memberId !== owner) partitions.add(partition);
    }
    let isMoving = false;
    for (const partition of partitions) {
      isMoving ||= standings.last(partition)?.partition.state !== 'active';
      void standings.look(partition);
    }
    if (isMoving) void directory.refresh(); // else the view's own rhythm will do: a slow owner needs no more questions
  }

  judge(pending: PendingCommand): Verdict {
    const { directory, standings, clock } = this.ports;
    const { partition } = pending.outgoing;
    const owner = directory.ownerOf(partition);
    if (!owner) return this.#withoutOwner(pending);
    pending.unownedSince = undefined;
    const standing = standings.last(partition);
    const halted = standsStill(standing);
    if (halted && pending.sent !== undefined) return halted;
    if (!hasMoved(pending, owner.memberId, standing)) {
      pending.movedSince = undefined;
      return 'wait';
    }
    return this.#isOverdue(pending, standing, clock.now()) ? 'repeat' : 'wait';
  }

  #withoutOwner(pending: PendingCommand): Verdict {
    const now = this.ports.clock.now();
    pending.unownedSince ??= now;
    if (now - pending.unownedSince < this.ownerPatienceMs || pending.sent === undefined) return 'wait';
    return noOwner(this.ports.directory, pending.outgoing.partition);
  }

  #isOverdue(pending: PendingCommand, standing: Standing | undefined, now: number): boolean {
    const isAway = standing !== undefined && standing.partition.state !== 'active';
    pending.movedSince = isAway ? undefined : (pending.movedSince ?? now);
    if (pending.movedSince === undefined) return false;
    return now - pending.movedSince >= (standing === undefined ? answerOfSilentOwnerMs : answerOfNewOwnerMs);
  }
}

/** Another membership holds the partition, or the same one in another epoch. The first epoch seen is taken for the one sent to. */
function hasMoved(pending: PendingCommand, memberId: string, standing: Standing | undefined): boolean {
  const epoch = standing?.partition.epoch;
  if (memberId !== pending.owner) return true;
  pending.epoch ??= epoch;
  return epoch !== undefined && epoch !== pending.epoch;
}

/** Notes to whom a command is sent again. */
export function sentAgain(pending: PendingCommand, ports: Pick<MoveWatchPorts, 'directory' | 'standings'>): void {
  const { partition } = pending.outgoing;
  pending.owner = ports.directory.ownerOf(partition)?.memberId ?? pending.owner;
  pending.epoch = ports.standings.last(partition)?.partition.epoch;
  pending.movedSince = undefined;
}
