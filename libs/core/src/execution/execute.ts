import type { ExecuteWorkflow } from '../commands.js';
import type { CoreEnvironment, DecisionState } from '../core-api.js';
import { accept, type Decision, refuse } from '../decision.js';
import { compileDefinition } from '../definition/compile-definition.js';
import { type ExecutionEventBody, maxKeptProblems } from '../events.js';
import type { Plan } from '../plan/plan.js';
import { resultOfDraft } from '../result.js';
import type { ActiveWorkflow } from '../workflow/workflow-state.js';
import { startFirstUnits } from './advance.js';
import { startedExecution } from './evolve-execution.js';
import { ExecutionTurn } from './execution-turn.js';

/** Starts an execution of the newest version, or of the one named. */
export function decideExecute(command: ExecuteWorkflow, state: DecisionState, env: CoreEnvironment): Decision {
  const { workflowId, data } = command;
  const { workflow, execution } = state;
  if (workflow.status !== 'active') return refuse('WORKFLOW_NOT_FOUND', `there is no workflow ${workflowId}`);
  if (execution.status !== 'notStarted') {
    return refuse('EXECUTION_EXISTS', `workflow ${workflowId} already has an execution ${data.executionId}`, {
      executionId: data.executionId,
    });
  }
  const version = data.version ?? workflow.lastVersion;
  const plan = env.planOf(workflow, workflowId, version);
  if (plan === undefined) return refuseWithoutPlan(workflow, workflowId, version, env);
  if (plan.maxConcurrent !== undefined && workflow.runningCount >= plan.maxConcurrent) {
    const message = `workflow ${workflowId} has ${workflow.runningCount} running execution(s), as many as its concurrency allows`;
    return refuse('RESOURCE_EXHAUSTED', message, { runningCount: workflow.runningCount, max: plan.maxConcurrent });
  }
  return start(command, state, plan);
}

function refuseWithoutPlan(workflow: ActiveWorkflow, workflowId: string, version: number, env: CoreEnvironment): Decision {
  const stored = workflow.versions.find((candidate) => candidate.version === version);
  if (stored === undefined) return refuse('VERSION_NOT_FOUND', `workflow ${workflowId} has no version ${version}`, { version });
  const { problems } = compileDefinition(stored.definition, env, { workflowId, version });
  if (problems.length === 0) return refuseOtherStrategy(workflowId, version);
  const message = `version ${version} of workflow ${workflowId} is a draft: ${problems.length} problem(s) to solve first`;
  return refuse('WORKFLOW_INVALID', message, { problems: problems.slice(0, maxKeptProblems).map((problem) => ({ ...problem })) });
}

/** Stored as a draft by a version that could not spread executions: the workflow was not created as one that does. */
function refuseOtherStrategy(workflowId: string, version: number): Decision {
  const message = `version ${version} of workflow ${workflowId} has another sharding strategy than the workflow was created with`;
  return refuse('WORKFLOW_INVALID', message, { problems: [{ path: 'sharding.strategy', code: 'FIXED', message }] });
}

function start(command: ExecuteWorkflow, { execution }: DecisionState, plan: Plan): Decision {
  const ids = { workflowId: command.workflowId, executionId: command.data.executionId };
  const { input } = command.data;
  const data = { workflowName: plan.name, version: plan.version, totalNodes: plan.nodes.size, ...(input === undefined ? {} : { input }) };
  const begun: ExecutionEventBody = { type: 'WorkflowStarted', data };
  const at = Math.max(command.now, execution.lastAt);
  const turn = new ExecutionTurn(ids, startedExecution(data, { seq: execution.seq + 1, lastAt: at }), at);
  turn.events.push({ ...begun, entity: 'execution' }); // first: the reply and the cause stand with it
  turn.emitForWorkflow({ type: 'ExecutionOpened', data: { executionId: ids.executionId, version: plan.version } });
  startFirstUnits(turn, plan);
  return accept(turn.events, resultOfDraft(ids, begun));
}
