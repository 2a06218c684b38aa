import type { Problem } from '#core';

/** Validates a definition as the engines do: every problem with its JSON path; empty when it can be executed. Never throws. */
export interface DefinitionChecker {
  problemsOf(definition: unknown): readonly Problem[];
}
