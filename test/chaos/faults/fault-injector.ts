import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosWorld } from '../world/chaos-world.js';
import { enginePlaces } from '../world/chaos-world.js';
import { forceCompaction } from './compaction.js';
import type { FaultLog } from './fault-log.js';
import { type Fault, faultText, type PlannedFault } from './fault-plan.js';
import { restartBroker, restartPostgres, restoreOlderPostgres } from './server-faults.js';

/** Does what the plan says, and undoes it; a resource has one fault at a time. */
export class FaultInjector {
  readonly #busy = new Map<string, Promise<void>>();
  readonly #running = new Set<Promise<void>>();
  /** What a fault showed that must not be, e.g. a process that does not end after SIGTERM. */
  readonly violations: string[] = [];

  constructor(
    private readonly world: ChaosWorld,
    private readonly log: FaultLog,
  ) {}

  /** Begins one fault; the promise resolves when it is over. */
  start({ number, fault }: PlannedFault): Promise<void> {
    const text = `#${number} ${faultText(fault)}`;
    const run = this.#alone(resourceOf(fault), async () => {
      const end = this.log.begin(fault.kind, text);
      try {
        await this.#inject(fault);
      } catch (error) {
        this.violations.push(`fault ${text} could not be done or undone: ${String(error)}`);
      }
      end();
    });
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
    return run;
  }

  get underWay(): number {
    return this.#running.size;
  }

  /** Resolves when no fault is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #alone(resource: string, run: () => Promise<void>): Promise<void> {
    const mine = (this.#busy.get(resource) ?? Promise.resolve()).then(run);
    this.#busy.set(resource, mine);
    await mine;
  }

  async #inject(fault: Fault): Promise<void> {
    const { cluster } = this.world;
    switch (fault.kind) {
      case 'kill':
      case 'terminate':
        return this.#restart(fault);
      case 'freeze':
        return this.#freeze(fault);
      case 'rolling-restart':
        return this.#rollingRestart();
      case 'cut':
      case 'shut':
      case 'silence':
      case 'slow':
        return this.#disturbLink(fault);
      case 'peers':
        this.world.surroundings.setLink(fault.place, fault.other, fault.how);
        await delay(fault.ms);
        this.world.surroundings.setLink(fault.place, fault.other, 'open');
        return;
      case 'clock':
        this.world.surroundings.setClock(fault.place, fault.offMs);
        await delay(fault.ms);
        this.world.surroundings.setClock(fault.place, 0);
        return;
      case 'produce':
        return this.#hurtProduce(fault);
      case 'late-produce':
        return this.#lateProduce(fault);
      case 'broker-restart':
        return restartBroker(cluster.kafka, fault);
      case 'postgres-restart':
        return restartPostgres(cluster.postgres, fault);
      case 'postgres-flaps':
        for (const everyMs of fault.everyMs) {
          await restartPostgres(cluster.postgres, { hard: true, downMs: 500 });
          await delay(everyMs - 500);
        }
        return;
      case 'postgres-older':
        return restoreOlderPostgres(cluster.postgres, this.world.directory, fault.ageMs);
      case 'compaction':
        return forceCompaction(cluster.kafka.brokers, fault.ms);
    }
  }

  async #restart({ kind, place, downMs, sameId }: Extract<Fault, { kind: 'kill' | 'terminate' }>): Promise<void> {
    const berth = this.world.berth(place);
    if (kind === 'kill') await berth.kill();
    else this.#blame(await berth.terminate());
    await delay(downMs);
    await berth.start(sameId);
  }

  async #freeze({ place, ms }: Extract<Fault, { kind: 'freeze' }>): Promise<void> {
    const berth = this.world.berth(place);
    berth.freeze();
    await delay(ms);
    berth.thaw();
  }

  async #rollingRestart(): Promise<void> {
    for (const place of enginePlaces) {
      const berth = this.world.berth(place);
      this.#blame(await berth.terminate());
      await berth.start();
      await berth.ready(30_000);
    }
  }

  async #disturbLink(fault: Extract<Fault, { kind: 'cut' | 'shut' | 'silence' | 'slow' }>): Promise<void> {
    const link = this.world.berth(fault.place).door.link(fault.remote);
    if (fault.kind === 'cut') {
      for (let i = 0; i < fault.times; i += 1) {
        link.cut();
        await delay(300);
      }
      return;
    }
    link.set(fault.kind === 'slow' ? { lateMs: fault.lateMs } : fault.kind === 'shut' ? 'shut' : 'silent');
    await delay(fault.ms);
    link.set('open');
  }

  async #hurtProduce({ place, stages }: Extract<Fault, { kind: 'produce' }>): Promise<void> {
    const { door } = this.world.berth(place);
    for (const stage of stages) {
      door.armProduce(stage);
      await delay(1_200);
      door.releaseProduce();
    }
  }

  /** The engine is stopped, or dies, while a request of it is on its way; the request arrives when others own its partitions. */
  async #lateProduce({ place, ms, dies }: Extract<Fault, { kind: 'late-produce' }>): Promise<void> {
    const berth = this.world.berth(place);
    berth.door.armProduce('delayRequest');
    await delay(500);
    if (dies) await berth.kill();
    else berth.freeze();
    await delay(ms);
    berth.door.releaseProduce();
    await delay(300);
    if (dies) await berth.start();
    else berth.thaw();
  }

  #blame(what: string | undefined): void {
    if (what !== undefined) this.violations.push(what);
  }
}

/** Faults of one resource follow each other. */
function resourceOf(fault: Fault): string {
  switch (fault.kind) {
    case 'broker-restart':
    case 'compaction':
      return 'kafka';
    case 'postgres-restart':
    case 'postgres-flaps':
    case 'postgres-older':
      return 'postgres';
    case 'peers':
      return 'peers';
    case 'rolling-restart':
      return 'all';
    default:
      return fault.place;
  }
}
