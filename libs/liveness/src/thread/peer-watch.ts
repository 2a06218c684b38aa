import { Caller } from '../caller.js';
import { isRefused } from '../dial.js';
import type { Credentials } from '../handshake.js';
import type { Message } from '../messages.js';
import type { Departure, Peer } from '../peer.js';
import type { Sight } from '../suspicion.js';

const refusalMs = 500;
/** While a peer cannot be reached it is dialled at each tick, later at each tenth. */
const eagerDials = 25;
const lazyEvery = 10;
/** Right after a connection broke, a dying process may accept once more, or close one port before the other. */
const quickDials = 20;
const quickDialMs = 10;
/** Unanswered pings after which a connection counts as half-open: another one is tried. */
const halfOpenAfter = 10;

export interface PeerWatchListener {
  /** What is seen of the peer has changed. */
  changed(): void;
  voted(instance: string, silent: readonly string[]): void;
  departure(departure: Departure): void;
}

/** This process's own connection to one peer, and what it has seen over it. */
export class PeerWatch {
  #caller: Caller | undefined;
  #answeredAs: string | undefined;
  #answeredAt = performance.now();
  #answered = true;
  #missed = 0;
  #unanswered = 0;
  #loopAgeMs = 0;
  #ended: 'gone' | 'replaced' | undefined;
  #ticksAway = 0;
  #quickDialsLeft = 0;
  #redial: NodeJS.Timeout | undefined;
  #hasLeft = false;
  #closed = false;

  constructor(
    private peer: Peer,
    private readonly credentials: Credentials,
    private readonly listener: PeerWatchListener,
  ) {
    this.#dial();
  }

  get sight(): Sight {
    const ended = this.#hasLeft ? undefined : this.#ended;
    const { peer } = this;
    return { peer, answeredAs: this.#answeredAs, missed: this.#missed, loopAgeMs: this.#loopAgeMs, ...(ended ? { ended } : {}) };
  }

  get silentMs(): number {
    return Math.round(performance.now() - this.#answeredAt);
  }

  /** The same process under the member id of its latest join. */
  rejoined(peer: Peer): void {
    if (peer.memberId !== this.peer.memberId) this.#hasLeft = false;
    this.peer = peer;
  }

  /** Once per ping interval. */
  tick(silent: readonly string[]): void {
    this.#missed = this.#answered ? 0 : this.#missed + 1;
    this.#answered = false;
    if (this.#caller?.isWelcome) this.#pingOrCut(this.#caller, silent);
    else if (this.#isTimeToDial()) this.#dial();
  }

  /** This process was away itself and cannot say who was silent meanwhile. */
  excuse(): void {
    this.#answered = true;
  }

  ping(silent: readonly string[]): void {
    this.#caller?.send({ t: 'ping', silent: [...silent] });
  }

  #pingOrCut(caller: Caller, silent: readonly string[]): void {
    this.#unanswered += 1;
    if (this.#unanswered > halfOpenAfter) caller.cut();
    else this.ping(silent);
  }

  send(message: Message): void {
    this.#caller?.send(message);
  }

  /** `goodbye`: what was sent goes out first. */
  close(how: 'goodbye' | 'abrupt'): void {
    this.#closed = true;
    clearTimeout(this.#redial);
    if (how === 'goodbye') this.#caller?.end();
    else this.#caller?.cut();
  }

  #isTimeToDial(): boolean {
    this.#ticksAway += 1;
    return this.#ticksAway < eagerDials || this.#ticksAway % lazyEvery === 0;
  }

  #dial(): void {
    if (this.#caller || this.#closed) return;
    const caller = new Caller(this.peer.liveness.address, this.credentials, {
      welcomed: (who) => this.#welcomed(who.process),
      said: (message) => this.#said(message),
      closed: (how) => {
        this.#caller = undefined;
        if (!this.#closed) this.#lost(how, caller.isWelcome);
      },
    });
    this.#caller = caller;
  }

  #welcomed(process: string): void {
    if (process === this.peer.liveness.process) {
      this.#ticksAway = 0;
      this.#quickDialsLeft = quickDials;
      this.#unanswered = 0;
      this.#ended = undefined;
      this.ping([]);
      return;
    }
    this.#ended = 'replaced';
    this.#caller?.cut();
    this.listener.changed();
  }

  /** A connection that worked is tried again at once: a refusal then tells death from a cut. */
  #lost(how: 'refused' | 'other', hadWorked: boolean): void {
    if (this.#ended !== undefined) return;
    if (how === 'refused') void this.#onRefusal();
    else if (hadWorked) this.#dial();
    else this.#dialSoon();
  }

  /** The thread alone may have died and be on its way back: the process is gone only if its main port refuses, too. */
  async #onRefusal(): Promise<void> {
    const isGone = await isRefused(this.peer.address, refusalMs);
    if (this.#closed || this.#caller?.isWelcome) return;
    if (!isGone) return this.#dialSoon();
    this.#ended ??= 'gone';
    this.listener.changed();
  }

  #dialSoon(): void {
    this.#quickDialsLeft -= 1;
    if (this.#quickDialsLeft >= 0) this.#redial = setTimeout(() => this.#dial(), quickDialMs);
  }

  #said(message: Message): void {
    if (message.t === 'pong') this.#pong(message);
    else if (message.t === 'departure') this.listener.departure(message.departure);
    else if (message.t === 'bye') this.#hasLeft = true;
    else this.#caller?.cut();
  }

  #pong(pong: Extract<Message, { t: 'pong' }>): void {
    this.#answered = true;
    this.#answeredAt = performance.now();
    this.#missed = 0;
    this.#unanswered = 0;
    this.#answeredAs = pong.memberId;
    this.#loopAgeMs = pong.loopAgeMs;
    this.listener.voted(this.peer.instance, pong.silent);
    this.listener.changed();
  }
}
