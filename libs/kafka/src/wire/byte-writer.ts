const initialSize = 1024;

/** Writes Kafka's primitive types into a growing buffer. */
export class ByteWriter {
  #buffer: Buffer;
  #offset = 0;

  constructor(size = initialSize) {
    this.#buffer = Buffer.allocUnsafe(size);
  }

  get length(): number {
    return this.#offset;
  }

  /** What was written, without a copy. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#offset);
  }

  int8(value: number): this {
    this.#offset = this.#room(1).writeInt8(value, this.#offset);
    return this;
  }

  int16(value: number): this {
    this.#offset = this.#room(2).writeInt16BE(value, this.#offset);
    return this;
  }

  int32(value: number): this {
    this.#offset = this.#room(4).writeInt32BE(value, this.#offset);
    return this;
  }

  /** A whole number below 2^53, or negative. */
  int64(value: number): this {
    const buffer = this.#room(8);
    buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), this.#offset);
    buffer.writeUInt32BE(value >>> 0, this.#offset + 4);
    this.#offset += 8;
    return this;
  }

  /** A 16-bit length and UTF-8; null has length -1. */
  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const length = Buffer.byteLength(value);
    this.int16(length).#room(length).write(value, this.#offset);
    this.#offset += length;
    return this;
  }

  /** Zigzag variable-length integer of 32 bits. */
  varint(value: number): this {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    const buffer = this.#room(5);
    while (rest > 0x7f) {
      buffer[this.#offset++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[this.#offset++] = rest;
    return this;
  }

  /** Varint length, then UTF-8 or bytes; null has length -1. */
  varBytes(value: string | Uint8Array | null): this {
    if (value === null) return this.varint(-1);
    if (typeof value !== 'string') return this.varint(value.length).raw(value);
    const length = Buffer.byteLength(value);
    this.varint(length).#room(length).write(value, this.#offset);
    this.#offset += length;
    return this;
  }

  raw(value: Uint8Array): this {
    this.#room(value.length).set(value, this.#offset);
    this.#offset += value.length;
    return this;
  }

  /** Overwrites four bytes written before. */
  patchUint32(position: number, value: number): void {
    this.#buffer.writeUInt32BE(value, position);
  }

  #room(size: number): Buffer {
    if (this.#offset + size > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#offset + size));
      this.#buffer.copy(grown, 0, 0, this.#offset);
      this.#buffer = grown;
    }
    return this.#buffer;
  }
}

/** Bytes that a zigzag varint takes. */
export function varintSize(value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let size = 1;
  while (rest > 0x7f) {
    size += 1;
    rest >>>= 7;
  }
  return size;
}

/** Bytes that a varint length with its content takes. */
export function varBytesSize(value: string | Uint8Array | null): number {
  if (value === null) return 1;
  const length = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  return varintSize(length) + length;
}
