/** Nesting that a caller's JSON may have: deeper text would overflow the stack of whoever validates or writes it. */
export const maxJsonDepth = 200;

const quote = 0x22;
const backslash = 0x5c;

/** Whether JSON text nests deeper than `limit`. Looks at brackets outside strings only; says nothing of text that is not JSON. */
export function isNestedDeeper(text: string, limit: number): boolean {
  if (text.length <= 2 * limit) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === backslash) i += 1;
      else if (char === quote) inString = false;
    } else if (char === quote) inString = true;
    else depth += change(char);
    if (depth > limit) return true;
  }
  return false;
}

function change(char: number): number {
  if (char === 0x7b || char === 0x5b) return 1;
  return char === 0x7d || char === 0x5d ? -1 : 0;
}
