import type { PlainRecord } from '../../cluster/log-reader.js';

/** Writes a partition's log by hand, stamped as an owner stamps it. */
export class ToldLog {
  readonly records: PlainRecord[] = [];
  #epoch = '';
  readonly #seqs = new Map<string, number>();

  fence(random: string): this {
    this.#epoch = `${this.records.length}.${random}`;
    return this.#push('!fence', { type: 'OwnerFenced', epoch: random }, {});
  }

  /** The next fact of an entity; `commandId` where a command caused it. */
  fact(entity: readonly [workflowId: string, executionId?: string], type: string, data: Record<string, unknown>, commandId?: string): this {
    const [workflowId, executionId] = entity;
    const id = `${workflowId}/${executionId ?? '-'}`;
    const seq = (this.#seqs.get(id) ?? 0) + 1;
    this.#seqs.set(id, seq);
    const value = { type, workflowId, ...(executionId === undefined ? {} : { executionId }), seq, data };
    return this.#push(`${id}/${seq}`, { type, ...this.#stamp(), ...(commandId === undefined ? {} : { commandId }) }, value);
  }

  decided(refused: readonly { commandId: string; code: string }[], commandOffset: number): this {
    const headers = { type: 'Decided', ...this.#stamp(), commandOffset: String(commandOffset) };
    return this.#push('!decided', headers, { refused, accepted: [] });
  }

  #stamp() {
    return { epoch: this.#epoch, at: String(this.records.length) };
  }

  #push(key: string, headers: Record<string, string>, value: unknown): this {
    this.records.push({ offset: this.records.length, key, value: JSON.stringify(value), timestamp: 1_000 + this.records.length, headers });
    return this;
  }
}
