/** JSON that clients send, as far as it cannot be passed on as it is. */

/** Levels of arrays and objects. Some thousand can be read and no longer be written. */
export const MAX_DEPTH = 100;

/** Names in all objects together. Checking each costs far more than reading it. */
const MAX_NAMES = 10_000;

/** Why `value` is refused; the rest of a sentence. Undefined when it is not. */
export function jsonRejection(value: unknown): string | undefined {
  if (isTooDeep(value, MAX_DEPTH)) return `nests deeper than ${MAX_DEPTH} levels`;
  if (namesLeft(value, MAX_NAMES) < 0) return `has more than ${MAX_NAMES} names`;
  return undefined;
}

function isTooDeep(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((each) => isTooDeep(each, left - 1));
}

/** How many names of `left` remain after those in `value`; negative, without reading on, when they do not suffice. */
function namesLeft(value: unknown, left: number): number {
  if (typeof value !== 'object' || value === null) return left;
  let rest = left;
  if (!Array.isArray(value)) rest -= Object.keys(value).length;
  for (const each of Object.values(value)) {
    if (rest < 0) return rest;
    rest = namesLeft(each, rest);
  }
  return rest;
}
