import type { CoreEnvironment } from './core-api.js';
import { compileDefinition } from './definition/compile-definition.js';
import { isSpread } from './definition/read-sharding.js';
import type { JsonObject } from './json.js';
import type { Plan } from './plan/plan.js';
import { isSpreadState } from './workflow/workflow-state.js';

/**
 * The core's environment over a catalogue and an expression language. A plan is compiled when first asked for and kept for
 * as long as its definition's object lives, that is, while its workflow is in memory.
 */
export function createCoreEnvironment(parts: Omit<CoreEnvironment, 'planOf'>): CoreEnvironment {
  const plans = new WeakMap<JsonObject, { readonly version: number; readonly plan: Plan | undefined }>();
  return {
    ...parts,
    planOf: (workflow, workflowId, version) => {
      if (workflow.status === 'absent') return undefined;
      const stored = workflow.versions.find((candidate) => candidate.version === version);
      if (stored === undefined || isSpread(stored.definition) !== isSpreadState(workflow)) return undefined; // never placed otherwise in silence
      const known = plans.get(stored.definition);
      // the same definition may be decided again under another version: a plan carries its own
      if (known?.version === version) return known.plan;
      const { plan } = compileDefinition(stored.definition, parts, { workflowId, version });
      plans.set(stored.definition, { version, plan });
      return plan;
    },
  };
}
