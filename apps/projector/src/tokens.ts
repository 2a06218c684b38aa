/** Injection token of the projector's run. */
export const RUN = Symbol('millrace.projector-run');
