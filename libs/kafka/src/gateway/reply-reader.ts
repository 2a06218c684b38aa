import { commandHeaders, type RawRecord, type Reply } from '#protocol';
import { Subscription } from '../log/subscription.js';
import type { KafkaLog } from '../settings.js';
import type { FetchLane } from '../wire/fetch-lane.js';
import { pause } from '../wire/within.js';

/** Receives a reply with the correlation id of its command. Must not throw. */
export type ReplyListener = (correlationId: string, reply: Reply) => void;

const maxBytes = 1024 * 1024;
const retryMs = 200;
const decoder = new TextDecoder();

/** Reads one partition of the replies topic from its end on. What is no reply with a correlation id is passed over: anyone may write there. */
export class ReplyReader {
  readonly #stop = new AbortController();
  readonly #listeners: ReplyListener[] = [];
  #subscription: Subscription<RawRecord> | undefined;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly fetch: Pick<FetchLane, 'add' | 'remove' | 'wake' | 'bounds'>,
    private readonly log: KafkaLog,
  ) {}

  onReply(listener: ReplyListener): void {
    this.#listeners.push(listener);
  }

  /** Resolves once it reads, or is closed: replies to commands sent after that are seen. Tries until the broker answers. */
  async start(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const { highWatermark } = await this.fetch.bounds(this.topic, this.partition);
        return this.#follow(highWatermark);
      } catch (error) {
        this.log('warn', 'the replies topic cannot be read yet', { topic: this.topic, partition: this.partition, error: String(error) });
        await pause(retryMs, this.#stop.signal);
      }
    }
  }

  close(): void {
    this.#stop.abort();
    this.#subscription?.close();
  }

  #follow(fromOffset: number): void {
    if (this.#stop.signal.aborted) return;
    const decode = (record: RawRecord): RawRecord => record;
    const place = { topic: this.topic, partition: this.partition, fromOffset, maxBytes, decode, log: this.log };
    this.#subscription = new Subscription(this.fetch, place, {
      records: (records) => {
        for (const record of records) this.#deliver(record);
      },
      // Replies are ephemeral, and whoever waits for one asks again: the end of the topic is the right place to go on.
      outOfRange: () => void this.start(),
      failed: () => void this.#startAgain(),
    });
  }

  /** What could not be read is passed over, with a pause: a gateway that hears no replies any more is as good as none. */
  async #startAgain(): Promise<void> {
    await pause(retryMs, this.#stop.signal);
    await this.start();
  }

  #deliver(record: RawRecord): void {
    const correlation = record.headers[commandHeaders.correlationId];
    const reply = correlation && parseReply(record.value);
    if (!reply) return;
    const correlationId = decoder.decode(correlation);
    for (const listener of this.#listeners) listener(correlationId, reply);
  }
}

function parseReply(value: Uint8Array | null): Reply | undefined {
  try {
    const body = JSON.parse(decoder.decode(value ?? undefined)) as Partial<Reply> | null;
    return typeof body?.commandId === 'string' && typeof body.ok === 'boolean' ? (body as Reply) : undefined;
  } catch {
    return undefined; // not ours to judge: the topic is open to others
  }
}
