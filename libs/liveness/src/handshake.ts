import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Message } from './messages.js';

export const handshakeVersion = 1;

/** Who this process is to its peers. `secret`: MILLRACE_CLUSTER_SECRET; without one the proofs only tie the two nonces together. */
export interface Credentials {
  readonly cluster: string;
  readonly instance: string;
  readonly process: string;
  readonly secret?: string;
}

type Hello = Extract<Message, { t: 'hello' }>;
type Welcome = Extract<Message, { t: 'welcome' }>;

export function newNonce(): string {
  return randomBytes(16).toString('hex');
}

/** The caller's answer to a challenge. */
export function helloTo(challenge: string, nonce: string, self: Credentials): Hello {
  const { cluster, instance, process } = self;
  return { t: 'hello', cluster, instance, process, nonce, proof: proofOf('caller', [challenge, nonce, instance, process], self) };
}

/** The listener's answer to a hello. */
export function welcomeTo(challenge: string, nonce: string, self: Credentials): Welcome {
  const { instance, process } = self;
  return { t: 'welcome', instance, process, proof: proofOf('listener', [challenge, nonce, instance, process], self) };
}

export function isTrustedHello(hello: Hello, challenge: string, self: Credentials): boolean {
  const proof = proofOf('caller', [challenge, hello.nonce, hello.instance, hello.process], self);
  return hello.cluster === self.cluster && isSame(hello.proof, proof);
}

export function isTrustedWelcome(welcome: Welcome, nonces: { challenge: string; nonce: string }, self: Credentials): boolean {
  return isSame(welcome.proof, proofOf('listener', [nonces.challenge, nonces.nonce, welcome.instance, welcome.process], self));
}

function proofOf(role: 'caller' | 'listener', parts: readonly string[], { secret = '', cluster }: Credentials): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify([role, cluster, ...parts]))
    .digest('hex');
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
