import type { Event, ExecutionEvent, WorkflowEvent } from '#core';
import { eventHeaders } from '#protocol';
import type { EventEntry } from './sort-records.js';

const decoder = new TextDecoder();

/** The event in a record that V1 found valid. Throws SyntaxError where the value is not JSON. */
export function parseEvent(entry: EventEntry): Event {
  return JSON.parse(decoder.decode(entry.record.value ?? undefined)) as Event;
}

export function parseExecutionEvent(entry: EventEntry): ExecutionEvent {
  return parseEvent(entry) as ExecutionEvent; // its key names an execution
}

export function parseWorkflowEvent(entry: EventEntry): WorkflowEvent {
  return parseEvent(entry) as WorkflowEvent; // its key names none
}

/** The command that caused the event, where it is the first of its decision. */
export function commandIdOf(entry: EventEntry): string | undefined {
  return entry.record.headers[eventHeaders.commandId];
}
