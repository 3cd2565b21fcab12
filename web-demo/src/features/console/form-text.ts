/** Between what is typed and what is meant. Pure. */

/** Text that is not JSON is passed on as text, so that validation can report it. */
export function dataOf(text: string): unknown {
  return text.trim() === '' ? undefined : (parsed(text) ?? text);
}

export function shown(value: unknown): string {
  if (value === undefined) return '';
  const isFlat = Array.isArray(value) && value.every((each) => typeof each !== 'object');
  return isFlat
    ? `[${value.map((each) => JSON.stringify(each)).join(', ')}]`
    : JSON.stringify(value, null, 2);
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined for no text; the text itself when it is no number. */
export function numberOf(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : text;
}
