/** An engine process that owns partitions. `address` is `host:port` of its query port. */
export interface EngineMember {
  /** Names this membership of the group: a process that joined anew has another one. */
  readonly memberId: string;
  readonly instanceId: string;
  readonly address: string;
  readonly partitions: readonly number[];
}

/** Who owns what, as the consumer group says; at most about half a second old while Kafka answers. */
export interface OwnerDirectory {
  readonly partitions: number;
  ownerOf(partition: number): EngineMember | undefined;
  members(): readonly EngineMember[];
  /** Why there is no current view (Kafka away, topics missing); undefined while there is one. */
  trouble(): string | undefined;
  /** Asks the group now; calls close together share one request. Never rejects: trouble() says what went wrong. */
  refresh(): Promise<void>;
}
