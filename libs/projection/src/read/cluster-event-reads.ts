import type { JsonObject } from '#core';
import type { QueryRunner } from '#postgres';
import type { ClusterEvent, ClusterEventKind, ClusterEventQuery, Page } from '../read-model.js';
import { Conditions, pageOf } from './conditions.js';
import { decodeCursor, encodeCursor } from './cursor.js';

interface Row {
  readonly id: string;
  readonly kind: ClusterEventKind;
  readonly partition: number | null;
  readonly epoch: string | null;
  readonly sortAt: number;
  readonly startAt: number;
  readonly endAt: number | null;
  readonly body: JsonObject;
}

/**
 * Moves: fences as the log has them, joined with what their owners recorded. A fence without a record is never missing here:
 * it is a move that goes on, or one whose end nobody could record; the next fence is then the latest end it can have had.
 */
const fences = `select c.partition || '/' || c.epoch as id, c.partition, c.epoch, c.at as "sortAt",
    coalesce(r.kind, case when c.instance = p.instance then 'fence' else 'migration' end) as kind,
    coalesce(r.start_at, c.at) as "startAt", coalesce(r.end_at, n.at) as "endAt",
    jsonb_strip_nulls(jsonb_build_object('reason', c.reason, 'from', p.instance, 'to', c.instance, 'address', c.address,
      'generation', c.generation)) || coalesce(r.body, '{}'::jsonb) as body
  from cluster_events c
  left join cluster_records r on r.partition = c.partition and r.epoch = c.epoch
  left join lateral (select instance from cluster_events before where before.partition = c.partition and before."offset" < c."offset"
    order by before."offset" desc limit 1) p on true
  left join lateral (select at from cluster_events later where later.partition = c.partition and later."offset" > c."offset"
    order by later."offset" limit 1) n on true`;

/** Rebalances and members, and moves that the projector has not read yet. */
const records = `select r.id, r.partition, r.epoch, r.start_at as "sortAt", r.kind, r.start_at as "startAt", r.end_at as "endAt", r.body
  from cluster_records r
  where r.epoch is null or not exists (select 1 from cluster_events c where c.partition = r.partition and c.epoch = r.epoch)`;

/** Newest first. */
export async function readClusterEvents(db: QueryRunner, query: ClusterEventQuery): Promise<Page<ClusterEvent>> {
  const { limit, cursor, kind, partition } = query;
  const conditions = new Conditions();
  if (kind !== undefined) conditions.add('kind = ?', kind);
  if (partition !== undefined) conditions.add('partition = ?', partition);
  if (cursor !== undefined) conditions.add('("sortAt", id collate "C") < (?, ?)', ...decodeCursor(cursor, 'ns'));
  // Each part is cut by itself, so that its index ends the search.
  const end = `order by "sortAt" desc, id collate "C" desc limit ${conditions.parameter(limit + 1)}`;
  const part = (rows: string) => `(select * from (${rows}) part ${conditions.where} ${end})`;
  const text = `${part(fences)} union all ${part(records)}`;
  const rows = await db.rows<Row>({ text: `select * from (${text}) e ${end}`, values: conditions.values }, 'listing cluster events');
  return pageOf(rows, limit, toEvent, (row) => encodeCursor([row.sortAt, row.id]));
}

function toEvent(row: Row): ClusterEvent {
  if (row.kind === 'rebalance') return rebalance(row);
  const { kind, partition, epoch, startAt, endAt, body } = row;
  const isMoment = kind === 'fence' || kind.startsWith('member.');
  return {
    kind,
    start: startAt,
    end: isMoment ? startAt : endAt,
    ...(partition === null ? {} : { partition }),
    ...(epoch === null ? {} : { epoch }),
    ...textsOf(body, ['reason', 'from', 'to', 'address', 'member', 'memberId', 'by']),
    ...numbersOf(body, ['generation', 'entities']),
  };
}

/** Each engine recorded its part under its own name. */
function rebalance({ startAt, endAt, body }: Row): ClusterEvent {
  const parts = Object.values(body) as readonly JsonObject[];
  const sum = (field: string) => parts.reduce((total, part) => total + Number(part[field] ?? 0), 0);
  const [first = {}] = parts;
  return {
    kind: 'rebalance',
    start: startAt,
    end: endAt,
    ...textsOf(first, ['reason']),
    ...numbersOf(first, ['generation']),
    moved: sum('gained'),
    kept: sum('kept'),
    entities: sum('entities'),
  };
}

function textsOf<Name extends string>(body: JsonObject, names: readonly Name[]): { [N in Name]?: string } {
  const texts: { [N in Name]?: string } = {};
  for (const name of names) {
    const value = body[name];
    if (typeof value === 'string') texts[name] = value;
  }
  return texts;
}

function numbersOf<Name extends string>(body: JsonObject, names: readonly Name[]): { [N in Name]?: number } {
  const numbers: { [N in Name]?: number } = {};
  for (const name of names) {
    const value = body[name];
    if (typeof value === 'number') numbers[name] = value;
  }
  return numbers;
}
