import { compileDefinition, type NodeCatalog, type Plan, type Problem } from '#core';
import { expressionCompiler } from '#expressions';
import type { DefinitionChecker } from '../ports/definition-checker.js';

/** Compiles definitions with the node types of this installation, as the engines do. */
export class CompilingChecker implements DefinitionChecker {
  readonly #environment: Parameters<typeof compileDefinition>[1];

  constructor(catalog: NodeCatalog) {
    this.#environment = { catalog, expressions: expressionCompiler };
  }

  problemsOf(definition: unknown): readonly Problem[] {
    return compileDefinition(definition, this.#environment).problems;
  }

  /** The plan of one version; undefined for a draft. */
  planOf(workflowId: string, version: number, definition: unknown): Plan | undefined {
    return compileDefinition(definition, this.#environment, { workflowId, version }).plan;
  }
}
