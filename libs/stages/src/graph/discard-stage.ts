import type { DataNodeResolver, DiscardedEpochs } from '#nodes';
import type { StageSpec } from '../stage-spec.js';

/** Removes what the sinks of an attempt prepared and will not publish. Best effort: what cannot be removed stays invisible. */
export async function discardStage(spec: StageSpec, resolve: DataNodeResolver, epochs: DiscardedEpochs): Promise<void> {
  const { executionId, epoch, filesRoot } = spec;
  const sinks = spec.nodes.filter(({ kind }) => kind === 'sink');
  await Promise.allSettled(
    sinks.map(async ({ id: nodeId, nodeType, config }) => {
      const sink = resolve(nodeType, 'sink');
      if (sink?.kind === 'sink') await sink.discard?.({ executionId, nodeId, epoch, config, filesRoot }, epochs);
    }),
  );
}
