/**
 * The bytes of one member of a JSON object, as they stand.
 *
 * An answer is parsed to check it and passed on as the studio wrote it: numbers beyond 2^53 stay exact and
 * nothing is serialised twice.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * The value of the top-level member `key`, without surrounding white space, as a view of `json`; the last one
 * when the key repeats, as `JSON.parse` has it. `json` must have passed `JSON.parse` as an object. `key` must
 * need no escape; a key that the sender escaped is not found.
 */
export function rawMember(json: Buffer, key: string): Buffer | undefined {
  let found: Buffer | undefined;
  let at = skipSpace(json, 0) + 1;
  while (at < json.length) {
    at = skipSpace(json, at);
    if (json[at] === CLOSE_BRACE) break;
    const keyStart = at + 1;
    const keyEnd = endOfString(json, at) - 1;
    at = skipSpace(json, keyEnd + 1);
    if (json[at] !== COLON) break;
    const start = skipSpace(json, at + 1);
    const end = endOfValue(json, start);
    if (keyEnd - keyStart === key.length && json.toString('latin1', keyStart, keyEnd) === key) {
      found = json.subarray(start, end);
    }
    at = skipSpace(json, end);
    if (json[at] === COMMA) at += 1;
  }
  return found;
}

function skipSpace(json: Buffer, at: number): number {
  let byte = json[at];
  while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = json[++at];
  return at;
}

/** `at` is the opening quote; the answer is the index after the closing one. */
function endOfString(json: Buffer, at: number): number {
  for (let i = at + 1; i < json.length; i += 1) {
    const byte = json[i];
    if (byte === BACKSLASH) i += 1;
    else if (byte === QUOTE) return i + 1;
  }
  return json.length;
}

function endOfValue(json: Buffer, at: number): number {
  const first = json[at];
  if (first === QUOTE) return endOfString(json, at);
  return first === OPEN_BRACE || first === OPEN_BRACKET ? endOfNested(json, at) : endOfScalar(json, at);
}

function endOfNested(json: Buffer, at: number): number {
  let depth = 0;
  for (let i = at; i < json.length; i += 1) {
    const byte = json[i];
    if (byte === QUOTE) i = endOfString(json, i) - 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
  }
  return json.length;
}

function endOfScalar(json: Buffer, at: number): number {
  let i = at;
  for (let byte = json[i]; byte !== undefined && byte > 0x20; byte = json[++i]) {
    if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET) break;
  }
  return i;
}
