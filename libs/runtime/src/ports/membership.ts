/** What the group coordinator says when asked by heartbeat (L5). `unknown`: it cannot be asked now: stay in doubt. */
export type MembershipAnswer = 'owner' | 'notOwner' | 'unknown';

/** Who owns a partition is decided by the consumer group; the runtime only asks. */
export interface Membership {
  /** Confirms with the coordinator, now, that this process's latest assignment holds the partition. Calls within a few ms may share one heartbeat. */
  confirm(partition: number): Promise<MembershipAnswer>;
  /** The group generation of the latest assignment, for the fence. */
  generation(): number;
}
