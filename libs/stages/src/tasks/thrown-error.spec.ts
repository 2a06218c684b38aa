import { describe, expect, it } from 'vitest';
import { thrownError } from './thrown-error.js';

describe('what a node threw, as data', () => {
  it('keeps code, message, retryable, details and the chain of causes', () => {
    const cause = Object.assign(new TypeError('no route'), { code: 'ENETUNREACH' });
    const error = Object.assign(new Error('call failed', { cause }), { retryable: false, details: { status: 500 } });
    expect(thrownError(error)).toEqual({
      code: 'Error',
      message: 'call failed',
      retryable: false,
      details: { status: 500 },
      cause: { code: 'ENETUNREACH', message: 'no route' },
    });
  });

  it.each([
    ['just text', { code: 'ERROR', message: 'just text' }],
    [undefined, { code: 'ERROR', message: 'undefined' }],
    [
      { code: 'LIMIT', message: 'slow down' },
      { code: 'LIMIT', message: 'slow down' },
    ],
    [{ reason: 1 }, { code: 'ERROR', message: '{"reason":1}' }],
    [Object.assign(new Error('x'), { code: 7 }), { code: 'Error', message: 'x' }],
  ])('takes anything that can be thrown: %j', (thrown, expected) => {
    expect(thrownError(thrown)).toEqual(expected);
  });

  it('ends a chain of causes that leads back to itself', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(thrownError(error)).match(/round/g)).toHaveLength(6);
  });

  it('survives getters that throw and details that are not JSON', () => {
    const nasty = {
      get message(): string {
        throw new RangeError('ha');
      },
      details: () => 1,
    };
    expect(thrownError(nasty)).toEqual({ code: 'ERROR', message: '(reading message failed: RangeError)' });
  });
});
