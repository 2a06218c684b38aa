import { describe, expect, test } from 'vitest';
import { helloTo, isTrustedHello, isTrustedWelcome, welcomeTo } from './handshake.js';

const ours = { cluster: 'millrace', instance: 'a', process: 'p1', secret: 'a secret of sixteen' };
const other = { ...ours, instance: 'b', process: 'p2' };

describe('the handshake', () => {
  test('is accepted between two of one cluster with one secret', () => {
    const hello = helloTo('challenge', 'nonce', ours);
    expect(isTrustedHello(hello, 'challenge', other)).toBe(true);
    expect(isTrustedWelcome(welcomeTo('challenge', 'nonce', other), { challenge: 'challenge', nonce: 'nonce' }, ours)).toBe(true);
  });

  test('never shows the secret', () => {
    expect(JSON.stringify([helloTo('c', 'n', ours), welcomeTo('c', 'n', other)])).not.toContain(ours.secret);
  });

  test('is refused to whoever has another secret, none, or belongs to another cluster', () => {
    const { secret: _, ...without } = ours;
    for (const stranger of [{ ...ours, secret: 'another of sixteen!' }, without, { ...ours, cluster: 'elsewhere' }]) {
      expect(isTrustedHello(helloTo('c', 'n', stranger), 'c', other)).toBe(false);
      expect(isTrustedWelcome(welcomeTo('c', 'n', stranger), { challenge: 'c', nonce: 'n' }, other)).toBe(false);
    }
  });

  test('cannot be replayed, mirrored, or taken over by another name', () => {
    const hello = helloTo('c', 'n', ours);
    expect(isTrustedHello(hello, 'another challenge', other)).toBe(false);
    expect(isTrustedHello({ ...hello, instance: 'c' }, 'c', other)).toBe(false);
    const mirrored = { ...welcomeTo('c', 'n', other), proof: helloTo('c', 'n', other).proof };
    expect(isTrustedWelcome(mirrored, { challenge: 'c', nonce: 'n' }, ours)).toBe(false);
  });
});
