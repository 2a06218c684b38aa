export { FailureDetector, type FailureDetectorOptions } from './failure-detector.js';
export type { Credentials } from './handshake.js';
export type { Departure, Peer, PeerStatus, Suspicion, SuspicionReason } from './peer.js';
export { type ProbeAnswer, probe } from './probe.js';
export type { SuspicionLimits } from './suspicion.js';
