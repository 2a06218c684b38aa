import type { Event, ExecutionState, WorkflowState } from '#core';
import type { Cause, DecidedEntry } from '#protocol';
import type { Elsewhere } from '../intake/placement.js';
import type { CommandAnswer } from '../ports/snapshot-store.js';

/** Events of one decision with the states they lead to. */
export interface Change {
  readonly events: readonly Event[];
  readonly workflow: WorkflowState;
  readonly execution: ExecutionState;
}

/** What one input comes to. */
export type Verdict =
  /** `cause` and `answer` where a command caused them. */
  | { readonly kind: 'changed'; readonly change: Change; readonly cause?: Cause; readonly answer?: CommandAnswer }
  /** A command that changes nothing. `entry`: to be remembered; absent for repeats and conflicts, whose first answer stays. */
  | { readonly kind: 'answered'; readonly answer: CommandAnswer; readonly entry?: DecidedEntry; readonly releases?: string }
  /** A command that another partition decides; here it counts once it is forwarded. */
  | { readonly kind: 'elsewhere'; readonly elsewhere: Elsewhere }
  /** A node report or a timer that changes nothing. */
  | { readonly kind: 'nothing' }
  /** V3: the entity cannot go on. */
  | { readonly kind: 'broken'; readonly reason: string };
