import { Kafka, logLevel } from 'kafkajs';

/** Records that the event log ever got, over all partitions, as the broker counts them. */
export class EventLogLength {
  readonly #admin;

  private constructor(broker: string) {
    this.#admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, clientId: 'bench' }).admin();
  }

  static async open(broker: string): Promise<EventLogLength> {
    const length = new EventLogLength(broker);
    await length.#admin.connect();
    return length;
  }

  async read(): Promise<number> {
    const offsets = await this.#admin.fetchTopicOffsets('workflow.events');
    return offsets.reduce((sum, { high }) => sum + Number(high), 0);
  }

  close(): Promise<void> {
    return this.#admin.disconnect();
  }
}
