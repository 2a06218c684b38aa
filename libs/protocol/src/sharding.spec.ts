import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partitionOf } from './partitioner.js';
import { byExecution, byWorkflow, customSharding, executionPartitionOf } from './sharding.js';

const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,40}$/);
const placed = fc.record({ workflowId: id, executionId: id });
const counts = fc.integer({ min: 1, max: 300 });
/** The customer that an execution id begins with: `acme:order-17` → `acme`. */
const byCustomer = customSharding(({ executionId }) => executionId.split(':')[0] ?? '');

describe('placement of an execution', () => {
  it('by workflow is the partition of the workflow', () => {
    fc.assert(
      fc.property(placed, counts, (ids, partitions) => {
        expect(executionPartitionOf(byWorkflow, ids, partitions)).toBe(partitionOf(ids.workflowId, partitions));
      }),
    );
  });

  it('by execution is the partition of a record with the execution’s id as its key', () => {
    fc.assert(
      fc.property(placed, counts, (ids, partitions) => {
        expect(executionPartitionOf(byExecution, ids, partitions)).toBe(partitionOf(ids.executionId, partitions));
      }),
    );
  });

  it('by a custom key keeps together what shares the key', () => {
    fc.assert(
      fc.property(id, id, counts, (one, other, partitions) => {
        const places = [one, other].map((rest) =>
          executionPartitionOf(byCustomer, { workflowId: 'w', executionId: `acme:${rest}` }, partitions),
        );
        expect(places).toEqual([partitionOf('acme', partitions), partitionOf('acme', partitions)]);
      }),
    );
  });

  it('falls back to the workflow where a custom key is empty', () => {
    expect(executionPartitionOf(byCustomer, { workflowId: 'w', executionId: ':x' }, 32)).toBe(partitionOf('w', 32));
  });

  it('by execution spreads one workflow evenly: no partition of 32 has more than twice its share of 10,000', () => {
    const perPartition = new Array<number>(32).fill(0);
    for (let n = 0; n < 10_000; n += 1) {
      const partition = executionPartitionOf(byExecution, { workflowId: 'w', executionId: `order-${n}` }, 32);
      perPartition[partition] = (perPartition[partition] ?? 0) + 1;
    }
    expect(Math.max(...perPartition)).toBeLessThan((2 * 10_000) / 32);
    expect(Math.min(...perPartition)).toBeGreaterThan(10_000 / 32 / 2);
  });

  /** Computed by Java's client, `Utils.toPositive(Utils.murmur2(key)) % 32`. */
  it.each([
    ['orders', 28],
    ['order-17', 17],
    ['acme', 4],
    ['Ärzte-3', 20],
  ])('of %s is %i of 32', (key, partition) => {
    expect(executionPartitionOf(byExecution, { workflowId: 'w', executionId: key }, 32)).toBe(partition);
  });
});
