import { acceptBody, definition, executeBody, queries, signalPayload } from '../http/schemas.js';
import type { Operation } from './operation.js';

const workflow = '/api/v1/workflows/{id}';
const execution = `${workflow}/executions/{eid}`;
const given = { schema: definition, required: true };
const started = {
  200: 'The start is durable; with `wait` the execution has ended',
  202: 'Still running after `wait`, or `Prefer: respond-async`',
};
const execute = {
  method: 'post',
  tag: 'Executions',
  query: queries.execute,
  body: { schema: executeBody, required: false },
  isCommand: true,
  answers: started,
  errors: [409, 429],
} as const;

const workflows: readonly Operation[] = [
  {
    method: 'post',
    path: '/api/v1/workflows',
    tag: 'Workflows',
    summary: 'Create a workflow; an invalid graph is stored as a draft with its problems',
    query: queries.write,
    body: given,
    isCommand: true,
    answers: { 201: '`{message, workflowId, version, scheduleStatus, problems}`' },
    errors: [409],
  },
  {
    method: 'post',
    path: '/api/v1/workflows/validate',
    tag: 'Workflows',
    summary: 'List the problems of a definition without storing it',
    body: given,
    answers: { 200: '`{valid, problems}`' },
  },
  {
    method: 'get',
    path: '/api/v1/workflows',
    tag: 'Workflows',
    summary: 'List definitions, newest first',
    query: queries.workflows,
    answers: { 200: 'An array; the next page is named in `Link` and `X-Next-Cursor`' },
  },
  {
    method: 'get',
    path: '/api/v1/workflows/node-types',
    tag: 'Workflows',
    summary: 'Node types of this installation, by kind',
    answers: { 200: '`{source, transform, sink, control, task}`' },
  },
  { method: 'get', path: workflow, tag: 'Workflows', summary: 'The definition as given', answers: { 200: 'The definition' } },
  {
    method: 'put',
    path: workflow,
    tag: 'Workflows',
    summary: 'Store a new version',
    query: queries.write,
    body: given,
    isCommand: true,
    answers: { 200: '`{message, workflowId, version, problems}`' },
    errors: [409],
  },
  {
    method: 'delete',
    path: workflow,
    tag: 'Workflows',
    summary: 'Delete a workflow; `force` cancels its running executions',
    query: queries.remove,
    isCommand: true,
    answers: { 200: '`{message, workflowId}`' },
    errors: [409],
  },
  {
    method: 'get',
    path: `${workflow}/status`,
    tag: 'Workflows',
    summary: 'State and executions at a glance, from the owner',
    answers: { 200: '`{workflowId, state, executionCount, running, currentExecution, lastExecution}`' },
  },
  { method: 'get', path: `${workflow}/versions`, tag: 'Workflows', summary: 'Versions, oldest first', answers: { 200: 'An array' } },
  {
    method: 'get',
    path: `${workflow}/versions/{version}`,
    tag: 'Workflows',
    summary: 'One immutable version',
    answers: { 200: 'The definition' },
  },
];

const executions: readonly Operation[] = [
  { ...execute, path: `${workflow}/execute`, summary: 'Start an execution' },
  { ...execute, path: `${workflow}/execute-es`, summary: 'The old name of `execute`' },
  {
    method: 'get',
    path: `${workflow}/executions`,
    tag: 'Executions',
    summary: 'Executions of a workflow, newest first',
    query: queries.executions,
    answers: { 200: 'An array' },
  },
  {
    method: 'get',
    path: '/api/v1/executions',
    tag: 'Executions',
    summary: 'Executions of all workflows, newest first',
    query: queries.allExecutions,
    answers: { 200: 'An array' },
  },
  {
    method: 'get',
    path: execution,
    tag: 'Executions',
    summary: 'Detail with nodes, attempts, outputs and `waitingFor`, from the owner',
    answers: { 200: 'The execution' },
  },
  {
    method: 'get',
    path: `${execution}/logs`,
    tag: 'Executions',
    summary: 'What its nodes logged',
    answers: { 200: '`{executionId, logs}`' },
  },
  {
    method: 'get',
    path: `${execution}/events`,
    tag: 'Executions',
    summary: 'Its facts in order',
    query: queries.events,
    answers: { 200: 'An array' },
  },
  {
    method: 'get',
    path: `${execution}/result`,
    tag: 'Executions',
    summary: 'Its output, waited for if asked',
    query: queries.result,
    answers: { 200: '`{executionId, workflowId, status, output}`', 202: 'Not ended yet' },
  },
  {
    method: 'post',
    path: `${execution}/cancel`,
    tag: 'Executions',
    summary: 'Cancel it',
    isCommand: true,
    answers: { 200: '`{message, workflowId, executionId, status}`' },
    errors: [409],
  },
  {
    method: 'post',
    path: `${execution}/signal/{name}`,
    tag: 'Executions',
    summary: 'Deliver a signal; kept when it comes before its wait',
    body: { schema: signalPayload, required: false },
    isCommand: true,
    answers: { 200: '`{message, workflowId, executionId, signal}`' },
    errors: [409],
  },
];

const others: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/commands/{commandId}',
    tag: 'Commands',
    summary: 'What became of a command',
    answers: { 200: '`{commandId, status: pending|applied|refused|expired, result?, error?}`' },
  },
  {
    method: 'get',
    path: '/api/history/{id}',
    tag: 'History',
    summary: 'Executions with their nodes, oldest first',
    answers: { 200: '`{workflowId, executions}`' },
  },
  { method: 'get', path: '/api/history/{id}/status', tag: 'History', summary: 'State with all executions', answers: { 200: 'The status' } },
  { method: 'get', path: '/api/history/{id}/execution/{eid}', tag: 'History', summary: 'One execution', answers: { 200: 'The execution' } },
  {
    method: 'get',
    path: '/api/history/{id}/timeline',
    tag: 'History',
    summary: 'Nodes of an execution in time; the newest when none is named',
    query: queries.timeline,
    answers: { 200: 'The timeline' },
  },
  { method: 'get', path: '/api/v1/cluster/shards', tag: 'Cluster', summary: 'Partitions and their owners', answers: { 200: 'Live' } },
  {
    method: 'post',
    path: '/api/v1/cluster/shards/{id}/accept',
    tag: 'Cluster',
    summary: 'An operator accepts the halt of a partition; its commands are read again, from where the body says',
    body: { schema: acceptBody, required: true },
    answers: { 200: '`{message, shardId, code, from, state, instance}`: recorded in the log. The same again changes nothing' },
    errors: [409],
  },
  {
    method: 'get',
    path: '/api/v1/cluster/events',
    tag: 'Cluster',
    summary: 'Migrations, failovers, rebalances, and members that joined, left or were suspected; newest first',
    query: queries.clusterEvents,
    answers: { 200: '`[{kind, start, end, durationMs, partition?, from?, to?, reason?, entities?, …}]`; `end` is null while it goes on' },
  },
  { method: 'get', path: '/api/v1/cluster/stats', tag: 'Cluster', summary: 'Members and their load', answers: { 200: 'Live' } },
  {
    method: 'get',
    path: '/api/v1/cluster/workflow/{id}/location',
    tag: 'Cluster',
    summary: 'Where a workflow id lives, whether or not it exists',
    answers: { 200: '`{workflowId, shardId, nodeAddress, instance}`' },
  },
  { method: 'get', path: '/api/v1/version', tag: 'Operations', summary: 'What runs here', answers: { 200: '`{name, version, node}`' } },
  { method: 'get', path: '/health', tag: 'Operations', summary: 'As ready', answers: { 200: 'Ready' } },
  { method: 'get', path: '/health/live', tag: 'Operations', summary: 'The process is alive', answers: { 200: 'Alive' } },
  { method: 'get', path: '/health/ready', tag: 'Operations', summary: 'Ready, or 503 with what it waits for', answers: { 200: 'Ready' } },
  { method: 'get', path: '/metrics', tag: 'Operations', summary: 'Prometheus metrics', answers: { 200: 'Text' } },
];

/** Every route of the gateway; a test compares it with the routes that are registered. */
export const operations: readonly Operation[] = [...workflows, ...executions, ...others];
