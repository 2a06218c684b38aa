/** Another member of the engines' group, as it is watched. Addresses are `host:port`. */
export interface Peer {
  /** Changes whenever it joins anew. */
  readonly memberId: string;
  readonly instance: string;
  /** The engine port of its main thread: listens as long as the process lives. */
  readonly address: string;
  /** The port of its liveness thread, and which process must answer there: new at each start. */
  readonly liveness: { readonly address: string; readonly process: string };
}

/**
 * Why a peer is taken for dead. `gone`: its connection closed and both its ports refuse. `replaced`: another process answers in its place.
 * `silent`: two observers miss its answers. `stalled`: its thread answers and says that the main loop does not turn.
 */
export type SuspicionReason = 'gone' | 'replaced' | 'silent' | 'stalled';

/** A peer to be put out of the group. */
export interface Suspicion {
  readonly peer: Peer;
  readonly reason: SuspicionReason;
  /** Since its latest answer, ms. */
  readonly silentMs: number;
  /** Instances that saw it so, this one first. */
  readonly observers: readonly string[];
}

/** News that the group changes: whoever hears it beats at once instead of at its next interval. */
export interface Departure {
  readonly id: string;
  readonly memberId: string;
  readonly instance: string;
  readonly process: string;
  /** `left`: by its own will. */
  readonly reason: SuspicionReason | 'left';
  /** The instance that says so. */
  readonly by: string;
}

/** What this process sees of a peer. `up`: it answers · `unreachable`: it does not answer here · `suspected`: it is taken for dead. */
export type PeerStatus = 'up' | 'unreachable' | 'suspected';
