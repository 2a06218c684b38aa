import type { Credentials } from './handshake.js';
import type { Departure, Peer, PeerStatus, Suspicion } from './peer.js';
import type { SuspicionLimits } from './suspicion.js';

/** What the thread is started with. */
export interface ThreadSettings {
  readonly credentials: Credentials;
  readonly host: string;
  /** 0 = any. */
  readonly port: number;
  readonly limits: SuspicionLimits;
  /** First hold-down between two evictions of one process, ms. */
  readonly holdDownMs: number;
  /** The process ends once its main loop has not turned for so long, ms; 0 = never. */
  readonly endStalledAfterMs: number;
  /** One Int32: the main loop counts its turns in it. */
  readonly turns: SharedArrayBuffer;
}

/** What the thread is told. */
export type ToThread =
  | { readonly type: 'watch'; readonly memberId: string; readonly peers: readonly Peer[] }
  | { readonly type: 'departure'; readonly departure: Departure }
  | { readonly type: 'stop' };

/** What the thread says. */
export type FromThread =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'suspicion'; readonly suspicion: Suspicion }
  | { readonly type: 'departure'; readonly departure: Departure }
  | { readonly type: 'statuses'; readonly statuses: readonly (readonly [memberId: string, status: PeerStatus])[] };
