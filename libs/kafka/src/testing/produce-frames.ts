/** Which partitions' records a produce request loses on its way. */
export type IsLost = (topic: string, partition: number) => boolean;

const lengthBytes = 4;
/** Key, version and correlation id, before the text of the client's id. */
const fixedHeaderBytes = 8;
const correlationAt = 8;

interface TopicPart {
  readonly name: string;
  /** Per partition that is kept: its number and its records as they came. */
  readonly partitions: readonly Buffer[];
}

/**
 * A produce request (v3 to v8) without the partitions that are to be lost, as if the broker had never heard of them; where nothing is
 * left of it, the answer (v1 to v7) of a broker that names no partition.
 */
export function withoutLost(frame: Buffer, isLost: IsLost): { readonly request: Buffer } | { readonly answer: Buffer } {
  const reader = new FrameReader(frame, lengthBytes + fixedHeaderBytes);
  reader.text(); // the client's id
  reader.text(); // the transactional id
  reader.skip(2 + 4); // acks, time-out
  const head = frame.subarray(lengthBytes, reader.at);
  const topics: TopicPart[] = [];
  for (let left = reader.int32(); left > 0; left -= 1) {
    const topic = readTopic(reader, isLost);
    if (topic.partitions.length > 0) topics.push(topic);
  }
  if (topics.length === 0) return { answer: framed([frame.subarray(correlationAt, correlationAt + 4), int32(0), int32(0)]) };
  return { request: framed([head, int32(topics.length), ...topics.flatMap(encodeTopic)]) };
}

function readTopic(reader: FrameReader, isLost: IsLost): TopicPart {
  const name = reader.text();
  const partitions: Buffer[] = [];
  for (let left = reader.int32(); left > 0; left -= 1) {
    const { at } = reader;
    const partition = reader.int32();
    reader.skip(Math.max(0, reader.int32()));
    if (!isLost(name, partition)) partitions.push(reader.since(at));
  }
  return { name, partitions };
}

function encodeTopic({ name, partitions }: TopicPart): Buffer[] {
  const text = Buffer.from(name);
  const length = Buffer.alloc(2);
  length.writeInt16BE(text.length);
  return [length, text, int32(partitions.length), ...partitions];
}

function framed(parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([int32(body.length), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

class FrameReader {
  constructor(
    private readonly frame: Buffer,
    public at: number,
  ) {}

  int32(): number {
    this.at += 4;
    return this.frame.readInt32BE(this.at - 4);
  }

  /** A nullable text; null reads as empty. */
  text(): string {
    const length = Math.max(0, this.frame.readInt16BE(this.at));
    this.at += 2 + length;
    return this.frame.toString('utf8', this.at - length, this.at);
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  since(at: number): Buffer {
    return this.frame.subarray(at, this.at);
  }
}
