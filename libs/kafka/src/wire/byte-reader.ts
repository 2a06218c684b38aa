/** Reads Kafka's primitive types. Throws RangeError past the end. */
export class ByteReader {
  offset: number;

  constructor(
    readonly buffer: Buffer,
    from = 0,
    readonly end = buffer.length,
  ) {
    this.offset = from;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  int8(): number {
    return this.buffer.readInt8(this.#advance(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.#advance(4));
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.#advance(4));
  }

  /** Offsets and times: exact below 2^53. */
  int64(): number {
    const at = this.#advance(8);
    return this.buffer.readInt32BE(at) * 0x1_0000_0000 + this.buffer.readUInt32BE(at + 4);
  }

  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.text(length);
  }

  text(length: number): string {
    const at = this.#advance(length);
    return this.buffer.toString('utf8', at, at + length);
  }

  /** A view, not a copy; null for a negative length. */
  bytes(length: number): Buffer | null {
    if (length < 0) return null;
    const at = this.#advance(length);
    return this.buffer.subarray(at, at + length);
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new RangeError('varint longer than 5 bytes');
  }

  /** A zigzag varint of up to 64 bits; exact below 2^53. */
  varlong(): number {
    let value = 0;
    let scale = 1;
    for (let index = 0; index < 10; index += 1) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    throw new RangeError('varlong longer than 10 bytes');
  }

  /** An array with a 32-bit count; null counts as empty. */
  array<T>(read: () => T): T[] {
    const count = this.int32();
    const items: T[] = [];
    for (let index = 0; index < count; index += 1) items.push(read());
    return items;
  }

  #byte(): number {
    return this.buffer[this.#advance(1)] ?? 0;
  }

  #advance(size: number): number {
    const at = this.offset;
    if (size < 0 || at + size > this.end) throw new RangeError(`read of ${size} bytes at ${at} passes the end at ${this.end}`);
    this.offset = at + size;
    return at;
  }
}
