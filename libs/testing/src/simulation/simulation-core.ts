import { type CoreEnvironment, controlNodes, createCoreEnvironment } from '#core';
import { literalExpressions, testCatalog } from '../memory/index.js';

/** The real core over the test catalogue. Share one among seeds: compiled plans are kept. */
export function simulationCore(): CoreEnvironment {
  return createCoreEnvironment({ catalog: testCatalog(controlNodes), expressions: literalExpressions });
}
