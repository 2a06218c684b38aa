import type { Json } from '#core';

/** How far a checkpoint of a simulated stage stands. */
export function stepOf(checkpoint: Json | undefined): number {
  const isObject = typeof checkpoint === 'object' && checkpoint !== null && !Array.isArray(checkpoint);
  return isObject && 'step' in checkpoint ? Number(checkpoint.step) : 0;
}
