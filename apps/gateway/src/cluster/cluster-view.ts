import type { EngineStatus } from '#protocol';
import { askStatus } from '../owners/ask-status.js';
import type { OwnerChannel } from '../ports/owner-channel.js';
import type { EngineMember, OwnerDirectory } from '../ports/owner-directory.js';

/** A member of the group and, unless it did not answer in time, what it says of itself. */
export interface MemberReport {
  readonly member: EngineMember;
  readonly status: EngineStatus | undefined;
}

const answerWithinMs = 1_000;
const reportsForMs = 250;

/** Live figures of all engines, asked side by side; calls close together share one round. */
export class ClusterView {
  #round: Promise<readonly MemberReport[]> | undefined;

  constructor(
    private readonly channel: OwnerChannel,
    private readonly directory: OwnerDirectory,
    private readonly secret: string | undefined,
  ) {}

  /** Never rejects: an engine that does not answer has no `status`. */
  reports(): Promise<readonly MemberReport[]> {
    this.#round ??= this.#ask();
    return this.#round;
  }

  async #ask(): Promise<readonly MemberReport[]> {
    const reports = await Promise.all(this.directory.members().map((member) => this.#report(member)));
    setTimeout(() => {
      this.#round = undefined;
    }, reportsForMs).unref();
    return reports;
  }

  async #report(member: EngineMember): Promise<MemberReport> {
    return { member, status: await askStatus(this.channel, member, this.secret, answerWithinMs) }; // no status: "unreachable"
  }
}
