/** Injection tokens of the observability module. */
export const LOGGER = Symbol('millrace.logger');
export const REGISTRY = Symbol('millrace.registry');
export const READINESS = Symbol('millrace.readiness');
