/** Finds what is meant by a few typed letters. Pure. */

export interface Match<T> {
  readonly item: T;
  readonly score: number;
}

const WORD_START = 8;
const SUBSTRING = 5;
const SCATTERED = 1;
/** Letters of a text that are searched. */
const MAX_CHARS = 200;

/** Those that have every word of the query, best first; of equal ones the order stays. */
export function bestMatches<T>(
  query: string,
  items: readonly T[],
  textOf: (item: T) => string,
  most: number,
): readonly T[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return items.slice(0, most);
  const found: Match<T>[] = [];
  for (const item of items) {
    const score = scoreOf(words, textOf(item).slice(0, MAX_CHARS).toLowerCase());
    if (score > 0) found.push({ item, score });
  }
  return found
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ item }) => item);
}

/** 0 when a word is missing. A short text that is matched counts more than a long one. */
function scoreOf(words: readonly string[], text: string): number {
  let total = 0;
  for (const word of words) {
    const score = wordScore(word, text);
    if (score === 0) return 0;
    total += score;
  }
  return total + 1 / (1 + text.length);
}

function wordScore(word: string, text: string): number {
  const at = text.indexOf(word);
  if (at >= 0) {
    const isStart = at === 0 || text.includes(` ${word}`);
    return (at === 0 ? 2 : 0) + (isStart ? WORD_START : SUBSTRING) + word.length;
  }
  // One or two letters are in every text somewhere.
  return word.length > 2 && isSubsequence(word, text) ? SCATTERED : 0;
}

function isSubsequence(word: string, text: string): boolean {
  let at = -1;
  for (const letter of word) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}
