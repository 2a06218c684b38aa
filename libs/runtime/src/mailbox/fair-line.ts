import { Deque } from './deque.js';
import { type MailInput, workflowOf } from './inputs.js';

interface Place {
  readonly input: MailInput;
  readonly workflowId: string;
  /** Taken in turn, before older ones of other workflows. */
  taken: boolean;
  next: Place | undefined;
}

interface Lane {
  first: Place;
  last: Place;
}

/**
 * Waiting inputs, taken from one workflow after the other: one with thousands of inputs cannot keep the others waiting. At most
 * `maxOvertaken` may be taken before an older one of another workflow; then the oldest is next. Within a workflow they keep their order.
 */
export class FairLine {
  readonly #byAge = new Deque<Place>();
  /** In the order in which the workflows have their turn. */
  readonly #lanes = new Map<string, Lane>();
  #size = 0;

  constructor(readonly maxOvertaken: number) {}

  get size(): number {
    return this.#size;
  }

  push(input: MailInput): void {
    const place = placeOf(input);
    this.#byAge.push(place);
    const lane = this.#lanes.get(place.workflowId);
    if (lane === undefined) this.#lanes.set(place.workflowId, { first: place, last: place });
    else {
      lane.last.next = place;
      lane.last = place;
    }
    this.#size += 1;
  }

  /** Before all others, also of its workflow. */
  unshift(input: MailInput): void {
    const place = placeOf(input);
    this.#byAge.unshift(place);
    const lane = this.#lanes.get(place.workflowId);
    if (lane === undefined) this.#lanes.set(place.workflowId, { first: place, last: place });
    else {
      place.next = lane.first;
      lane.first = place;
    }
    this.#size += 1;
  }

  take(): MailInput | undefined {
    this.#dropTaken();
    if (this.#size === 0) return undefined;
    // those taken in turn stay in the line by age until the oldest has passed them
    const place = this.#byAge.size - this.#size >= this.maxOvertaken ? this.#byAge.first : this.#lanes.values().next().value?.first;
    if (place === undefined) return undefined;
    this.#leave(place);
    return place.input;
  }

  clear(): void {
    this.#byAge.clear();
    this.#lanes.clear();
    this.#size = 0;
  }

  /** The oldest of all is the oldest of its workflow, too: nothing is taken out of order. Its workflow goes to the end of the turn. */
  #leave(place: Place): void {
    place.taken = true;
    this.#size -= 1;
    const lane = this.#lanes.get(place.workflowId);
    if (lane === undefined) return;
    this.#lanes.delete(place.workflowId);
    if (place.next === undefined) return;
    lane.first = place.next;
    this.#lanes.set(place.workflowId, lane);
  }

  #dropTaken(): void {
    while (this.#byAge.first?.taken) this.#byAge.shift();
  }
}

function placeOf(input: MailInput): Place {
  return { input, workflowId: workflowOf(input) ?? '', taken: false, next: undefined };
}
