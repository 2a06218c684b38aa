import { eventHeaders, eventSchemaVersion } from './headers.js';
import { partitionKey } from './keys.js';
import type { EnginePattern } from './query.js';
import type { LogRecord } from './record.js';

/**
 * Halts that only a person can judge (L11): what was promised cannot be kept, or would be done twice. The partition stands
 * still with that code until an operator accepts it and says from where commands are read. Others mend with a roll-forward or not at all.
 */
export const acceptableHalts = ['COMMAND_POSITION_OUT_OF_RANGE', 'COMMANDS_REPLACED', 'EVENTS_REPLACED'] as const;
export type AcceptableHalt = (typeof acceptableHalts)[number];

/** What an operator accepts: the halt, and the first command to be decided from now on (an offset, or an end of the topic as it is then). */
export interface HaltAcceptance {
  readonly code: AcceptableHalt;
  readonly from: 'earliest' | 'latest' | number;
}

/** Gateway → the partition's owner, over the engine port: AcceptRequest is answered with AcceptAnswer. */
export const acceptPattern: EnginePattern = { millrace: 'accept' };

export interface AcceptRequest {
  readonly partition: number;
  readonly acceptance: HaltAcceptance;
  readonly secret?: string;
}

export type AcceptAnswer =
  /** The fact is in the log: commands are decided from `from` on. `state`: how the partition stands now. */
  | { readonly status: 'accepted'; readonly from: number; readonly state: string; readonly reason?: string; readonly instance: string }
  /** Nothing was changed: the partition does not stand still for this reason, or the offset is outside the topic. */
  | { readonly status: 'refused'; readonly reason: string; readonly state: string; readonly code?: string }
  /** Not (or no longer) the owner: look the owner up again. */
  | { readonly status: 'notOwner' }
  | { readonly status: 'unavailable'; readonly code: string; readonly reason: string };

/** Type of the record that keeps an acceptance in `workflow.events`. */
export const acceptedType = 'PartitionAccepted';

const encoder = new TextEncoder();

/**
 * The fact of an acceptance, without its intake position: the caller adds that (`withPosition`), and it is all that a
 * recovery takes from it. Its key begins with `!`, so readers of entities skip it.
 */
export function encodeAccepted(
  acceptance: HaltAcceptance,
  halt: string,
  stamp: { readonly epoch: string; readonly offset: number },
): LogRecord {
  return {
    key: partitionKey('accepted', `${stamp.offset}@${stamp.epoch}`),
    value: encoder.encode(JSON.stringify({ type: acceptedType, ...acceptance, halt })),
    headers: {
      [eventHeaders.epoch]: stamp.epoch,
      [eventHeaders.expectedOffset]: String(stamp.offset),
      [eventHeaders.type]: acceptedType,
      [eventHeaders.schema]: String(eventSchemaVersion),
    },
  };
}
