/** JSON that clients send, as far as it cannot be passed on as it is. */

/** Levels of arrays and objects. Some thousand can be read and no longer be written. */
export const MAX_DEPTH = 100;

/** Names in all objects together. Checking each costs far more than reading it. */
const MAX_NAMES = 10_000;

/** Only these may hold a number that has no room in a 64-bit float. */
const SUSPECT = /\d{16}|\d[eE]\+?\d{3}/;
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Characters of a number that are shown. */
const SHOWN = 40;

/** Why `value`, which `text` says, would not arrive as it was said; the rest of a sentence. Undefined when it would. */
export function jsonRejection(value: unknown, text: string): string | undefined {
  if (isTooDeep(value, MAX_DEPTH)) return `nests deeper than ${MAX_DEPTH} levels`;
  if (namesLeft(value, MAX_NAMES) < 0) return `has more than ${MAX_NAMES} names`;
  const number = inexactNumber(text);
  if (number === undefined) return undefined;
  return `holds the number ${number.slice(0, SHOWN)}, which would not arrive exactly; send it as text`;
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

/** The first number of valid JSON that is changed by being read: a large integer, or one beyond all bounds. */
function inexactNumber(json: string): string | undefined {
  if (!SUSPECT.test(json)) return undefined;
  for (const [token] of json.matchAll(STRING_OR_NUMBER)) {
    if (!token.startsWith('"') && !isExact(token)) return token;
  }
  return undefined;
}

/** Digits behind the point are rounded everywhere, and expected to be. */
function isExact(token: string): boolean {
  const value = Number(token);
  if (!Number.isFinite(value)) return false;
  return !/^-?\d+$/.test(token) || String(value) === token || BigInt(value) === BigInt(token);
}
