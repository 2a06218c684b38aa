import { type Admin, type Consumer, Kafka, logLevel, type Producer } from 'kafkajs';
import { isSpread } from '../program/drawn-workflow.js';
import type { Answered } from './ledger.js';

/** A topic that commands may name for their replies. */
const replyTopic = 'workflow.replies.chaos';
const replyWithinMs = 6_000;

export interface KafkaCommand {
  readonly commandId: string;
  readonly type: string;
  readonly workflowId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Commands by an ordinary producer with its default partitioner and its default retries: what it sends twice must count once. */
export class KafkaWay {
  readonly #waiting = new Map<string, (reply: Record<string, unknown>) => void>();
  #correlations = 0;

  private constructor(
    private readonly producer: Producer,
    private readonly consumer: Consumer,
    private readonly admin: Admin,
  ) {}

  static async connect(brokers: string): Promise<KafkaWay> {
    const kafka = new Kafka({ brokers: [brokers], clientId: 'chaos-producer', logLevel: logLevel.NOTHING, retry: { retries: 8 } });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: replyTopic, numPartitions: 1, replicationFactor: 1 }], waitForLeaders: true });
    const consumer = kafka.consumer({ groupId: `chaos-replies-${process.pid}`, maxWaitTimeInMs: 200 });
    const way = new KafkaWay(kafka.producer(), consumer, admin);
    await way.producer.connect();
    await way.#listen();
    return way;
  }

  /** Status 202 as soon as the broker has it, then its reply, where one comes in time; `onAnswer` hears both. */
  async send(command: KafkaCommand, onAnswer: (answer: Answered) => void): Promise<void> {
    const startedAt = Date.now();
    const answered = (status: number, code: string, body: Answered['body']) =>
      onAnswer({ way: 'kafka', at: Date.now(), ms: Date.now() - startedAt, status, code, body });
    this.#correlations += 1;
    const correlation = `chaos-${this.#correlations}`;
    const reply = new Promise<Record<string, unknown> | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), replyWithinMs);
      this.#waiting.set(correlation, (body) => {
        clearTimeout(timer);
        resolve(body);
      });
    });
    try {
      const headers = { 'reply-topic': replyTopic, 'reply-partition': '0', 'correlation-id': correlation };
      const messages = [{ key: keyOf(command), value: JSON.stringify(command), headers }];
      await this.producer.send({ topic: 'workflow.commands', messages, timeout: 5_000 });
      answered(202, '', {});
    } catch (error) {
      answered(0, error instanceof Error ? error.name : 'ERROR', { text: String(error) });
    }
    const body = await reply;
    this.#waiting.delete(correlation);
    if (body) answered(body.ok === true ? 200 : 409, codeOf(body), (body.result ?? body) as Answered['body']);
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.consumer.disconnect(), this.producer.disconnect(), this.admin.disconnect()]);
  }

  async #listen(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topic: replyTopic, fromBeginning: true });
    await this.consumer.run({
      eachMessage: async ({ message }) => {
        const correlation = String(message.headers?.['correlation-id'] ?? '');
        this.#waiting.get(correlation)?.(JSON.parse(message.value?.toString() ?? '{}') as Record<string, unknown>);
      },
    });
  }
}

/** Either key will do for a spread execution, the same one for every repeat. */
function keyOf({ workflowId, commandId, data }: KafkaCommand): string {
  const { executionId } = data;
  const isOwnKey = isSpread(workflowId) && typeof executionId === 'string' && commandId.charCodeAt(commandId.length - 1) % 2 === 0;
  return isOwnKey ? executionId : workflowId;
}

function codeOf(body: Record<string, unknown>): string {
  const { error } = body;
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
