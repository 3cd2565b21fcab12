/** Text from elsewhere, fit for a terminal. */

/**
 * Control characters (C0, DEL, C1), format characters (bidirectional overrides, zero widths), line and paragraph
 * separators and lone surrogates. Not tabs and line ends.
 */
const UNSAFE = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Unsafe characters as `\uXXXX`, which in JSON means the same. Lines stay lines. */
export function printable(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** The same in one line: line ends are escaped too. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\u000a');
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => unit(character.charCodeAt(i))).join('');
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A copy of a value of JSON whose texts and names are fit for a terminal. */
export function printableJson(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(printableJson);
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [printableLine(name), printableJson(each)]),
  );
}
