import type { WorkflowEventBody } from '../events.js';
import type { ActiveWorkflow, DeletedWorkflow, ShardMessage } from './workflow-state.js';

type Known = ActiveWorkflow | DeletedWorkflow;
type DataOf<Type extends WorkflowEventBody['type']> = Extract<WorkflowEventBody, { type: Type }>['data'];

/** L12: what the fact says to the shards enters the state; nothing where the executions are not spread. */
export function withMessage<State extends Known>(state: State, message: ShardMessage): State {
  return state.sharding === undefined ? state : { ...state, outbox: [...(state.outbox ?? []), message] };
}

/** The message of a new version. */
export function placing(data: DataOf<'WorkflowCreated'>, revision: number, begins: boolean): ShardMessage {
  const { version, definition, problemCount } = data;
  return { type: 'PlaceShard', revision, begins, version, definition, problemCount };
}

/** Messages up to `revision` are sent. */
export function withoutSent<State extends Known>(state: State, revision: number): State {
  const { outbox = [], ...others } = state;
  const left = outbox.filter((message) => message.revision > revision);
  return (left.length === 0 ? others : { ...others, outbox: left }) as State; // the same state but for its outbox
}

/** What a new life, or the end of one, takes over. */
export function spreadOf(state: Known | undefined): Pick<Known, 'sharding' | 'outbox' | 'revision'> {
  return {
    ...(state?.sharding === undefined ? {} : { sharding: state.sharding }),
    ...(state?.outbox === undefined ? {} : { outbox: state.outbox }),
    ...(state?.revision === undefined ? {} : { revision: state.revision }),
  };
}
