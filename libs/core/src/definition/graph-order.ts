/** A directed graph by name: who comes directly after whom. */
export type Successors = ReadonlyMap<string, readonly string[]>;

export type GraphOrder =
  /** Every name after all that lead to it; names without order between them as they were given. */
  | { readonly ok: true; readonly order: readonly string[] }
  /** One cycle, its first name repeated at the end. */
  | { readonly ok: false; readonly cycle: readonly string[] };

/** Orders a graph topologically (Kahn), or names a cycle of it. Successors that are not among the names are left aside. Without recursion: graphs may be 10,000 deep. */
export function orderGraph(names: readonly string[], successors: Successors): GraphOrder {
  const incoming = new Map(names.map((name) => [name, 0]));
  for (const targets of successors.values()) {
    for (const target of targets) if (incoming.has(target)) incoming.set(target, (incoming.get(target) ?? 0) + 1);
  }
  const order = names.filter((name) => incoming.get(name) === 0);
  for (let index = 0; index < order.length; index += 1) {
    for (const target of successors.get(order[index] ?? '') ?? []) {
      const left = (incoming.get(target) ?? Number.POSITIVE_INFINITY) - 1;
      if (incoming.has(target)) incoming.set(target, left);
      if (left === 0) order.push(target);
    }
  }
  return order.length === names.length ? { ok: true, order } : { ok: false, cycle: findCycle(names, order, successors) };
}

/** `a → b → a`, shortened where it is long. */
export function cycleText(cycle: readonly string[]): string {
  const shown = cycle.length <= 22 ? cycle : [...cycle.slice(0, 20), '…', ...cycle.slice(-1)];
  return shown.join(' → ');
}

/** Each name that could not be ordered has a predecessor that could not either: walking backwards must come round. */
function findCycle(names: readonly string[], order: readonly string[], successors: Successors): readonly string[] {
  const ordered = new Set(order);
  const predecessor = new Map<string, string>();
  for (const [name, targets] of successors) {
    if (!ordered.has(name)) for (const target of targets) predecessor.set(target, name);
  }
  const walked: string[] = [];
  const seen = new Map<string, number>();
  let current = names.find((name) => !ordered.has(name));
  while (current !== undefined && !seen.has(current)) {
    seen.set(current, walked.length);
    walked.push(current);
    current = predecessor.get(current);
  }
  if (current === undefined) return [];
  return [current, ...walked.slice(seen.get(current)).reverse()];
}
