/** Rows of fields, RFC 4180: quoted fields may hold delimiters, line ends and doubled quotes. Lines end in LF or CRLF. */
export function parseRows(text: string, delimiter: string): string[][] {
  return text.includes('"') ? parseQuoted(text, delimiter) : parsePlain(text, delimiter);
}

function parsePlain(text: string, delimiter: string): string[][] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const carriage = text.includes('\r');
  return lines.map((line) => (carriage && line.endsWith('\r') ? line.slice(0, -1) : line).split(delimiter));
}

function parseQuoted(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let index = 0;
  while (index < text.length) {
    const field = text[index] === '"' ? quotedField(text, index + 1, delimiter) : plainField(text, index, delimiter);
    row.push(field.value);
    index = field.end + 1;
    if (text[field.end] === delimiter && index < text.length) continue;
    if (text[field.end] === delimiter) row.push(''); // the text ends in a delimiter: one more, empty field
    rows.push(row);
    row = [];
  }
  return rows;
}

interface Field {
  readonly value: string;
  /** Index of the delimiter or line end after the field, or the text's length. */
  readonly end: number;
}

function plainField(text: string, start: number, delimiter: string): Field {
  const end = fieldEnd(text, start, delimiter);
  const value = text.slice(start, end);
  return { value: text[end] !== delimiter && value.endsWith('\r') ? value.slice(0, -1) : value, end };
}

/** `start` is the first character inside the quotes. What stands between the closing quote and the delimiter is kept. */
function quotedField(text: string, start: number, delimiter: string): Field {
  let value = '';
  let from = start;
  for (;;) {
    const close = text.indexOf('"', from);
    if (close < 0) return { value: value + text.slice(from), end: text.length };
    value += text.slice(from, close);
    if (text[close + 1] !== '"') {
      const rest = plainField(text, close + 1, delimiter);
      return { value: value + rest.value, end: rest.end };
    }
    value += '"';
    from = close + 2;
  }
}

function fieldEnd(text: string, start: number, delimiter: string): number {
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (character === delimiter || character === '\n') return index;
  }
  return text.length;
}
