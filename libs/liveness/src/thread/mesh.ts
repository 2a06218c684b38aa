import { HoldDown } from '../hold-down.js';
import { type Message, maxVotes } from '../messages.js';
import type { Departure, Peer, PeerStatus, Suspicion } from '../peer.js';
import { hasAnswered, isSilent, suspicionOf } from '../suspicion.js';
import type { FromThread, ThreadSettings } from '../thread-messages.js';
import { Listener } from './listener.js';
import { LoopGauge } from './loop-gauge.js';
import { PeerWatch } from './peer-watch.js';
import { SeenIds } from './seen-ids.js';
import { Votes } from './votes.js';

/** A tick that comes later than so many intervals says that this process was away, not the others. */
const awayAfterIntervals = 2.5;
const votesFreshForIntervals = 3;
const idleAfterIntervals = 25;

/** The connections of this process to its peers and theirs to it: who answers, who is silent, and news of departures. */
export class Mesh {
  readonly #watches = new Map<string, PeerWatch>();
  readonly #suspected = new Set<string>();
  readonly #listener: Listener;
  readonly #gauge: LoopGauge;
  readonly #votes: Votes;
  readonly #holds: HoldDown;
  readonly #departures = new SeenIds();
  #memberId = '';
  #silent: readonly string[] = [];
  #statuses = '';
  #tickedAt = performance.now();
  #ticking: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: ThreadSettings,
    private readonly tell: (message: FromThread) => void,
    private readonly loopIsDead: (loopAgeMs: number) => void,
  ) {
    this.#gauge = new LoopGauge(settings.turns);
    this.#votes = new Votes(settings.limits.pingIntervalMs * votesFreshForIntervals);
    this.#holds = new HoldDown(settings.holdDownMs);
    this.#listener = new Listener(settings.credentials, {
      idleMs: settings.limits.pingIntervalMs * idleAfterIntervals,
      answer: () => this.#answer(),
      voted: (instance, silent) => this.#voted(instance, silent),
      departure: (departure) => this.#heard(departure),
      failed: (error) => {
        throw error; // ends the thread; the main thread says so and starts another
      },
    });
  }

  async start(): Promise<void> {
    const { host, port, limits } = this.settings;
    this.tell({ type: 'listening', port: await this.#listener.listen(host, port) });
    this.#ticking = setInterval(() => this.#tick(), limits.pingIntervalMs);
  }

  /** Under which member id this process is in the group, and whom it watches from now on. */
  watch(memberId: string, peers: readonly Peer[]): void {
    const wanted = new Map(peers.map((peer) => [peer.liveness.process, peer]));
    for (const [process, watch] of this.#watches) {
      const peer = wanted.get(process);
      if (peer && peer.liveness.address === watch.sight.peer.liveness.address) watch.rejoined(peer);
      else this.#unwatch(process, watch);
    }
    for (const [process, peer] of wanted) if (!this.#watches.has(process)) this.#watches.set(process, this.#watchOf(peer));
    const known = new Set(peers.map((peer) => peer.memberId));
    for (const id of this.#suspected) if (!known.has(id)) this.#suspected.delete(id);
    const isNew = memberId !== this.#memberId;
    this.#memberId = memberId;
    if (isNew) this.#listener.send(this.#answer()); // whoever watches this process may act on its death from now on
  }

  /** Tells everybody within reach, who tells on. */
  spread(departure: Departure): void {
    if (this.#departures.isNew(departure.id)) this.#send({ t: 'departure', departure });
  }

  /** `abrupt`: as the end of a process would have it, without a word. */
  stop(how: 'goodbye' | 'abrupt' = 'goodbye'): void {
    clearInterval(this.#ticking);
    if (how === 'goodbye') this.#send({ t: 'bye' });
    this.#listener.close(how);
    for (const watch of this.#watches.values()) watch.close(how);
    this.#watches.clear();
  }

  #watchOf(peer: Peer): PeerWatch {
    const watch: PeerWatch = new PeerWatch(peer, this.settings.credentials, {
      changed: () => this.#judge(watch),
      voted: (instance, silent) => this.#voted(instance, silent),
      departure: (departure) => this.#heard(departure),
    });
    return watch;
  }

  #unwatch(process: string, watch: PeerWatch): void {
    watch.close('goodbye');
    this.#watches.delete(process);
  }

  #tick(): void {
    const { pingIntervalMs } = this.settings.limits;
    const now = performance.now();
    const elapsedMs = now - this.#tickedAt;
    this.#tickedAt = now;
    const wasAway = elapsedMs > pingIntervalMs * awayAfterIntervals;
    this.#gauge.look(wasAway ? 0 : elapsedMs);
    const { endStalledAfterMs } = this.settings;
    if (endStalledAfterMs > 0 && this.#gauge.ageMs >= endStalledAfterMs) this.loopIsDead(Math.round(this.#gauge.ageMs));
    for (const watch of this.#watches.values()) {
      if (wasAway) watch.excuse();
      watch.tick(this.#silent);
    }
    this.#vote();
    for (const watch of this.#watches.values()) this.#judge(watch);
    this.#tellStatuses();
  }

  /** A new silence is told at once instead of with the next ping. */
  #vote(): void {
    const { limits } = this.settings;
    const silent = [...this.#watches.values()].map(({ sight }) => sight).filter((sight) => isSilent(sight, limits));
    const ids = silent.map(({ peer }) => peer.memberId).slice(0, maxVotes);
    const isNews = ids.some((id) => !this.#silent.includes(id));
    this.#silent = ids;
    if (!isNews) return;
    for (const watch of this.#watches.values()) watch.ping(ids);
    this.#listener.send(this.#answer());
  }

  #voted(instance: string, silent: readonly string[]): void {
    if (!this.#votes.cast(instance, silent, performance.now())) return;
    for (const watch of this.#watches.values()) this.#judge(watch);
  }

  #judge(watch: PeerWatch): void {
    const { sight } = watch;
    const { memberId, instance, liveness } = sight.peer;
    if (this.#suspected.has(memberId)) return;
    const now = performance.now();
    const voters = this.#votes.against(memberId, instance, now).filter((voter) => voter !== this.settings.credentials.instance);
    const reason = suspicionOf(sight, voters.length, this.settings.limits);
    if (reason === undefined || this.#holds.isHeld(liveness.process, now)) return;
    this.#holds.evicted(liveness.process, now);
    this.#suspected.add(memberId);
    const observers = [this.settings.credentials.instance, ...(reason === 'silent' ? voters : [])];
    const suspicion: Suspicion = { peer: sight.peer, reason, silentMs: watch.silentMs, observers };
    this.tell({ type: 'suspicion', suspicion });
  }

  #heard(departure: Departure): void {
    if (!this.#departures.isNew(departure.id)) return;
    this.tell({ type: 'departure', departure });
    this.#send({ t: 'departure', departure });
  }

  #answer(): Extract<Message, { t: 'pong' }> {
    return { t: 'pong', memberId: this.#memberId, loopAgeMs: Math.round(this.#gauge.ageMs), silent: [...this.#silent] };
  }

  #send(message: Message): void {
    for (const watch of this.#watches.values()) watch.send(message);
    this.#listener.send(message);
  }

  #tellStatuses(): void {
    const statuses = [...this.#watches.values()].map(({ sight }) => [sight.peer.memberId, this.#statusOf(sight)] as const);
    const text = JSON.stringify(statuses);
    if (text === this.#statuses) return;
    this.#statuses = text;
    this.tell({ type: 'statuses', statuses });
  }

  #statusOf(sight: PeerWatch['sight']): PeerStatus {
    if (this.#suspected.has(sight.peer.memberId)) return 'suspected';
    return hasAnswered(sight) && !isSilent(sight, this.settings.limits) ? 'up' : 'unreachable';
  }
}
