import type { DataNodeResolver, DiscardedEpochs } from '#nodes';
import type { StageNode, StageSpec } from '../stage-spec.js';

/** The sinks of a stage, and whose they are. */
type Discarded = Pick<StageSpec, 'executionId' | 'epoch' | 'filesRoot'> & {
  readonly nodes: readonly Pick<StageNode, 'id' | 'nodeType' | 'kind' | 'config'>[];
};

/** Removes what the sinks of an attempt prepared and will not publish. Best effort: what cannot be removed stays invisible. */
export async function discardStage(spec: Discarded, resolve: DataNodeResolver, epochs: DiscardedEpochs): Promise<void> {
  const { executionId, epoch, filesRoot } = spec;
  const sinks = spec.nodes.filter(({ kind }) => kind === 'sink');
  await Promise.allSettled(
    sinks.map(async ({ id: nodeId, nodeType, config }) => {
      const sink = resolve(nodeType, 'sink');
      if (sink?.kind === 'sink') await sink.discard?.({ executionId, nodeId, epoch, config, filesRoot }, epochs);
    }),
  );
}
