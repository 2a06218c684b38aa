import type { Page } from '../read-model.js';

/** The WHERE clause of a list that grows with what is asked for; values are always parameters. */
export class Conditions {
  readonly #parts: string[] = [];
  readonly values: unknown[] = [];

  /** `sql` holds one `?` for each value. */
  add(sql: string, ...values: readonly unknown[]): this {
    let next = this.values.length;
    this.#parts.push(
      sql.replace(/\?/g, () => {
        next += 1;
        return `$${next}`;
      }),
    );
    this.values.push(...values);
    return this;
  }

  /** Another parameter outside the WHERE clause. */
  parameter(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  get where(): string {
    return this.#parts.length === 0 ? '' : `where ${this.#parts.join(' and ')}`;
  }
}

/** A page out of `limit + 1` rows: one more than asked for says that there is a next page. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(toItem);
  return rows.length > limit && last !== undefined ? { items, nextCursor: cursorOf(last) } : { items };
}
