import type { Json } from '#core';
import { type Frame, isList, isMap, spend } from './frame.js';

/**
 * Spends a step for every value of a result. A macro can build a small graph whose JSON is huge (`[[x, x], [x, x]]`, nested
 * again and again); it is refused here, before anybody writes it out.
 */
export function spendOnResult(value: Json, frame: Frame): void {
  spend(frame, 1);
  if (isList(value)) for (const item of value) spendOnResult(item, frame);
  else if (isMap(value)) for (const item of Object.values(value)) spendOnResult(item, frame);
  else if (typeof value === 'string') spend(frame, Math.ceil(value.length / 16));
}
