import type { Reply } from '#protocol';
import type { CommandSender, OutgoingCommand, SendOutcome } from '../ports/command-sender.js';
import type { EngineMember, OwnerDirectory } from '../ports/owner-directory.js';
import type { ReplySource } from '../ports/reply-source.js';

/** What stands once Kafka has been reached. */
export interface KafkaConnection {
  readonly sender: CommandSender;
  readonly directory: Omit<OwnerDirectory, 'partitions'>;
  readonly replyTopic: string;
  readonly replyPartition: number;
  close(): Promise<void>;
}

export type ReplyListener = (correlationId: string, reply: Reply) => void;

/** Kafka as the gateway uses it, from before it is reached: until then nothing is sent and nobody is known as an owner. */
export class KafkaSide implements CommandSender, ReplySource, OwnerDirectory {
  #connection: KafkaConnection | undefined;
  #listener: ReplyListener = () => undefined;
  #isClosed = false;

  /** `open` reaches Kafka once: it creates or checks the topics and reads replies from then on. */
  constructor(
    readonly partitions: number,
    private readonly open: (listener: ReplyListener) => Promise<KafkaConnection>,
  ) {}

  /** Rejects when Kafka cannot be reached now; call again. */
  async connect(): Promise<void> {
    const connection = await this.open((correlationId, reply) => this.#listener(correlationId, reply));
    if (this.#isClosed) await connection.close();
    else this.#connection = connection;
  }

  get topic(): string {
    return this.#connection?.replyTopic ?? '';
  }

  get partition(): number {
    return this.#connection?.replyPartition ?? 0;
  }

  onReply(listener: ReplyListener): void {
    this.#listener = listener;
  }

  async send(command: OutgoingCommand): Promise<SendOutcome> {
    return this.#connection?.sender.send(command) ?? { status: 'notWritten', reason: notReached };
  }

  ownerOf(partition: number): EngineMember | undefined {
    return this.#connection?.directory.ownerOf(partition);
  }

  members(): readonly EngineMember[] {
    return this.#connection?.directory.members() ?? [];
  }

  trouble(): string | undefined {
    return this.#connection ? this.#connection.directory.trouble() : notReached;
  }

  async refresh(): Promise<void> {
    await this.#connection?.directory.refresh();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#connection?.close();
  }
}

const notReached = 'Kafka has not been reached since this gateway started';
