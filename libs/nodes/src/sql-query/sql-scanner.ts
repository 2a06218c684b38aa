/** A stretch of an SQL text. Only `code` can hold parameters; literals, quoted names and comments are passed on as they are. */
export interface SqlToken {
  readonly kind: 'code' | 'literal' | 'name' | 'comment';
  readonly text: string;
}

/**
 * Cuts SQL as DuckDB's lexer does: `'…'` with `''`, `e'…'` with backslashes, `$tag$…$tag$`, `"…"`, `--` to the end of the
 * line, nested block comments. An unfinished one reaches to the end: DuckDB will say so.
 */
export function scanSql(sql: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  let codeStart = 0;
  let at = 0;
  while (at < sql.length) {
    const found = specialAt(sql, at);
    if (found === undefined) {
      at += 1;
      continue;
    }
    if (at > codeStart) tokens.push({ kind: 'code', text: sql.slice(codeStart, at) });
    tokens.push({ kind: found.kind, text: sql.slice(at, found.end) });
    at = found.end;
    codeStart = at;
  }
  if (codeStart < sql.length) tokens.push({ kind: 'code', text: sql.slice(codeStart) });
  return tokens;
}

function specialAt(sql: string, at: number): { readonly kind: SqlToken['kind']; readonly end: number } | undefined {
  const character = sql[at];
  if (character === "'") return { kind: 'literal', end: endOfQuoted(sql, at, "'", /[eE]/.test(sql[at - 1] ?? '') && !isWord(sql[at - 2])) };
  if (character === '"') return { kind: 'name', end: endOfQuoted(sql, at, '"', false) };
  if (character === '-' && sql[at + 1] === '-') return { kind: 'comment', end: endOr(sql.indexOf('\n', at), 0, sql) };
  if (character === '/' && sql[at + 1] === '*') return { kind: 'comment', end: endOfBlockComment(sql, at) };
  const dollar = character === '$' && !isWord(sql[at - 1]) ? /^\$(?:[A-Za-z_]\w*)?\$/.exec(sql.slice(at, at + 66))?.[0] : undefined;
  if (dollar === undefined) return undefined;
  return { kind: 'literal', end: endOr(sql.indexOf(dollar, at + dollar.length), dollar.length, sql) };
}

function endOfQuoted(sql: string, start: number, quote: string, backslashes: boolean): number {
  for (let at = start + 1; at < sql.length; at += 1) {
    if (backslashes && sql[at] === '\\') at += 1;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return sql.length;
}

function endOfBlockComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at += 1) {
    const pair = sql.slice(at, at + 2);
    if (pair === '/*') depth += 1;
    if (pair === '*/') depth -= 1;
    if (pair === '/*' || pair === '*/') at += 1;
    if (depth === 0) return at + 1;
  }
  return sql.length;
}

function endOr(index: number, length: number, sql: string): number {
  return index < 0 ? sql.length : index + length;
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /\w/.test(character);
}
