/** Injection tokens of the gateway's parts. */
export const COMMANDS = Symbol('millrace.gateway.commands');
export const OWNERS = Symbol('millrace.gateway.owners');
export const READS = Symbol('millrace.gateway.reads');
export const READ_MODEL = Symbol('millrace.gateway.readModel');
export const EXECUTION_LOGS = Symbol('millrace.gateway.executionLogs');
export const WORKFLOW_COMMANDS = Symbol('millrace.gateway.workflowCommands');
export const EXECUTION_COMMANDS = Symbol('millrace.gateway.executionCommands');
export const DIRECTORY = Symbol('millrace.gateway.directory');
export const CHECKER = Symbol('millrace.gateway.checker');
export const CLUSTER = Symbol('millrace.gateway.cluster');
export const HALTS = Symbol('millrace.gateway.halts');
export const NODE_TYPES = Symbol('millrace.gateway.nodeTypes');
export const API_DOCUMENT = Symbol('millrace.gateway.apiDocument');
export const IDENTITY = Symbol('millrace.gateway.identity');
export const VERSION = Symbol('millrace.gateway.version');
