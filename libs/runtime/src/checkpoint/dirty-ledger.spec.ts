import { describe, expect, it } from 'vitest';
import { DirtyLedger } from './dirty-ledger.js';

describe('which offsets no snapshot covers', () => {
  it('keeps the first offset of each entity and names the lowest', () => {
    const ledger = new DirtyLedger();
    ledger.touch('a', 3);
    ledger.touch('b', 4);
    ledger.touch('a', 5);
    expect(ledger.lowest).toBe(3);
    expect([...ledger.olderThan(4)]).toEqual(['a']);
  });

  it('counts a saved entity as dirty from its first event after the capture', () => {
    const ledger = new DirtyLedger();
    ledger.touch('a', 3);
    ledger.touch('b', 4);
    ledger.capture(['a']);
    expect(ledger.lowestUncaptured).toBe(4);
    ledger.touch('a', 7);
    ledger.saved();
    expect([...ledger.keys()]).toEqual(['b', 'a']);
    expect(ledger.lowest).toBe(4);
    ledger.capture(['b']);
    ledger.saved();
    expect(ledger.lowest).toBe(7);
  });

  it('holds on to what a failed save left behind, at its old offset', () => {
    const ledger = new DirtyLedger();
    ledger.touch('a', 3);
    ledger.capture(['a']);
    ledger.touch('a', 8);
    expect(ledger.leftOver).toEqual(['a']);
    expect(ledger.lowest).toBe(3);
    ledger.capture(ledger.leftOver);
    expect(ledger.lowestUncaptured).toBeUndefined();
    expect(ledger.lowest).toBe(3);
    ledger.saved();
    expect(ledger.size).toBe(0);
  });

  it('takes what is given back for dirty since its old offset, before what came later', () => {
    const ledger = new DirtyLedger();
    ledger.touch('a', 3);
    ledger.touch('b', 4);
    ledger.touch('c', 5);
    ledger.capture(['a', 'b']);
    ledger.touch('b', 8);
    ledger.giveBack(['b', 'never captured']);
    expect(ledger.leftOver).toEqual(['a']);
    expect([...ledger.keys()]).toEqual(['b', 'c']);
    expect(ledger.lowestUncaptured).toBe(4);
    ledger.saved();
    expect(ledger.lowest).toBe(4);
  });
});
