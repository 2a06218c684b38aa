import { numberOfRecord, textOfRecord } from './names.js';

/** An old expression in CEL's words. `rest` is CEL still to be compiled; `left` names what stands on its left. */
export type Translation =
  | { readonly kind: 'compare'; readonly left: string; readonly operator: string; readonly rest: string }
  | { readonly kind: 'method'; readonly target: string; readonly method: string; readonly argument?: string }
  | { readonly kind: 'prefix'; readonly prefix: string };

const wholeTextMethods: ReadonlyMap<string, string> = new Map([
  ['touppercase', 'upper'],
  ['uppercase', 'upper'],
  ['tolowercase', 'lower'],
  ['lowercase', 'lower'],
  ['trim', 'trim'],
]);

/**
 * Recognises the old dialect of contract §4a: `>50` (also `>=`, `<`, `<=`, `==`, `=`, `!=`), `contains 'T'`, `toUpperCase`,
 * `toLowerCase`, `trim`, `prefix:T` (puts T in front). `X > 50` and `value * 2` are CEL as they stand. Undefined = not old.
 */
export function translateOldDialect(text: string): Translation | undefined {
  const comparison = /^(>=|<=|==|!=|=|>|<)\s*([^=].*)$/s.exec(text);
  if (comparison !== null)
    return { kind: 'compare', left: numberOfRecord, operator: celOperator(comparison[1]), rest: comparison[2] ?? '' };
  const containing = /^(contains|startsWith|endsWith)\s+(?:'([^']*)'|"([^"]*)"|([^\s'"(]+))$/.exec(text);
  if (containing !== null) {
    const argument = containing[2] ?? containing[3] ?? containing[4] ?? '';
    return { kind: 'method', target: textOfRecord, method: containing[1] ?? 'contains', argument };
  }
  if (text.startsWith('prefix:')) return { kind: 'prefix', prefix: text.slice('prefix:'.length) };
  const method = wholeTextMethods.get(text.toLowerCase().replace(/\(\)$/, ''));
  return method === undefined ? undefined : { kind: 'method', target: textOfRecord, method };
}

function celOperator(written: string | undefined): string {
  return `_${written === '=' ? '==' : written}_`;
}
