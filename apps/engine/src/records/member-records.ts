import type { ClusterRecord } from '#postgres';

/** A member of the group: one membership of one process. */
export interface MemberName {
  readonly instance: string;
  readonly memberId: string;
}

/** Rows for `cluster/events` on members that come and go. Every engine that sees it says so; it is one row. */
export class MemberRecords {
  constructor(
    private readonly records: { write(record: ClusterRecord): void },
    private readonly self: string,
  ) {}

  joined(member: MemberName, address: string): void {
    this.#write('member.joined', member, { address });
  }

  left(member: MemberName, reason: string, by = this.self): void {
    this.#write('member.left', member, { reason, by });
  }

  suspected(member: MemberName, reason: string, observers: readonly string[]): void {
    this.#write('member.suspected', member, { reason, by: this.self, observers });
  }

  #write(kind: ClusterRecord['kind'], { instance, memberId }: MemberName, more: ClusterRecord['body']): void {
    this.records.write({ id: `${kind}/${memberId}`, kind, startAt: Date.now(), body: { member: instance, memberId, ...more } });
  }
}
