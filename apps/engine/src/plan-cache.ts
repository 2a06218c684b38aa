import { type CoreEnvironment, compileDefinition, type ExpressionCompiler, type NodeCatalog, type Plan, type WorkflowState } from '#core';

/** The core's environment with plans compiled once per stored definition. A plan lives as long as the definition object that it came from. */
export function createCoreEnvironment(catalog: NodeCatalog, expressions: ExpressionCompiler): CoreEnvironment {
  const plans = new WeakMap<object, Plan | 'draft'>();
  const environment: CoreEnvironment = {
    catalog,
    expressions,
    planOf(workflow: WorkflowState, workflowId: string, version: number): Plan | undefined {
      if (workflow.status === 'absent') return undefined;
      const stored = workflow.versions.find((candidate) => candidate.version === version);
      if (!stored) return undefined;
      let plan = plans.get(stored.definition);
      if (plan === undefined) {
        plan = compileDefinition(stored.definition, environment, { workflowId, version }).plan ?? 'draft';
        plans.set(stored.definition, plan);
      }
      return plan === 'draft' ? undefined : plan;
    },
  };
  return environment;
}
