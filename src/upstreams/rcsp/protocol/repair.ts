import { isUtf8 } from 'node:buffer';

/**
 * Payloads that no JSON parser can read although their meaning is plain: a device name in Latin-1, a `nan` that printf
 * wrote, a buffer padded with NUL. Everything that is valid stays byte for byte.
 */

/** What was wrong; a label of the metrics. */
export type RepairKind = 'utf-8' | 'number' | 'padding' | 'control';

/** The first fault of its kind in a payload. */
export interface Repair {
  readonly kind: RepairKind;
  /** Byte offset in the payload as it came. */
  readonly at: number;
}

export interface RepairedPayload {
  readonly bytes: Buffer;
  /** One for each kind. */
  readonly repairs: readonly Repair[];
}

/** Numbers and control characters replaced in one payload at most; one with more stays unreadable. */
const MAX_EDITS = 100_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

/** What the C libraries write for a number that is none: `nan`, `-nan(ind)`, `inf`, `-Infinity`, `1.#QNAN`, `-1.#IND00`. */
const NOT_A_NUMBER =
  /[+-]?(?:nan(?:\([a-z0-9_]{0,64}\))?|inf(?:inity)?|1\.#(?:ind|[qs]nan|inf)0{0,16})(?![\w.#(+-])/iy;

/**
 * `payload` with invalid UTF-8 as U+FFFD, bare NaN and infinities as null, control characters in strings escaped, and
 * without byte order mark and NUL padding around it. Undefined when there is nothing of this kind to repair. The result
 * is valid UTF-8, and may still be no JSON.
 */
export function repair(payload: Buffer): RepairedPayload | undefined {
  const first = new Map<RepairKind, number>();
  const { start, end } = withoutPadding(payload);
  if (start > 0) first.set('padding', 0);
  else if (end < payload.length) first.set('padding', end);
  const edited = editTokens(payload, start, end, first);
  if (edited === undefined) return undefined;
  const invalidAt = firstInvalidUtf8(payload.subarray(start, end));
  if (invalidAt !== undefined) first.set('utf-8', start + invalidAt);
  if (first.size === 0) return undefined;
  return {
    bytes: invalidAt === undefined ? edited : wellFormed(edited),
    repairs: Array.from(first, ([kind, at]) => ({ kind, at })),
  };
}

/** Only what surrounds the value: a NUL between two digits is no padding. White space alone is left as it is. */
function withoutPadding(payload: Buffer): { start: number; end: number } {
  let start = 0;
  let end = payload.length;
  for (let at = 0; at < end; at += 1) {
    if (isByteOrderMark(payload, at)) start = (at += 2) + 1;
    else if (payload[at] === 0) start = at + 1;
    else if (!isSpace(payload[at])) break;
  }
  for (let at = end; at > start; at -= 1) {
    if (payload[at - 1] === 0) end = at - 1;
    else if (!isSpace(payload[at - 1])) break;
  }
  return { start, end };
}

/** The bytes between `start` and `end`, with numbers and control characters replaced; undefined when there are too many. */
function editTokens(
  payload: Buffer,
  start: number,
  end: number,
  first: Map<RepairKind, number>,
): Buffer | undefined {
  const pieces: Buffer[] = [];
  let kept = start;
  for (const { kind, from, to, text } of faults(payload, start, end)) {
    if (pieces.length >= 2 * MAX_EDITS) return undefined;
    if (!first.has(kind)) first.set(kind, from);
    pieces.push(payload.subarray(kept, from), Buffer.from(text));
    kept = to;
  }
  const rest = payload.subarray(kept, end);
  return pieces.length === 0 ? rest : Buffer.concat([...pieces, rest]);
}

interface Fault {
  readonly kind: 'number' | 'control';
  readonly from: number;
  readonly to: number;
  /** Stands in the place of the bytes between. */
  readonly text: string;
}

/** Bytes that are not UTF-8 are above 0x7f, so that quotes and tokens are found before they are repaired. */
function* faults(payload: Buffer, start: number, end: number): Generator<Fault, void, undefined> {
  const text = payload.toString('latin1', 0, end);
  let isInString = false;
  for (let at = start; at < end; at += 1) {
    const byte = payload[at] ?? 0;
    if (byte === QUOTE) isInString = !isInString;
    else if (isInString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte < SPACE) yield { kind: 'control', from: at, to: at + 1, text: escaped(byte) };
    } else if (isTokenByte(byte)) {
      const to = endOfNotANumber(text, at);
      if (to !== undefined) yield { kind: 'number', from: at, to, text: 'null' };
      at = (to ?? endOfToken(payload, at, end)) - 1;
    }
  }
}

function endOfNotANumber(text: string, at: number): number | undefined {
  NOT_A_NUMBER.lastIndex = at;
  return NOT_A_NUMBER.test(text) ? NOT_A_NUMBER.lastIndex : undefined;
}

function endOfToken(payload: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isTokenByte(payload[at] ?? 0)) at += 1;
  return at;
}

/** Of a literal or a number: letters, digits, signs, the point, and `#` as in `1.#INF`. */
function isTokenByte(byte: number): boolean {
  const lower = byte | 0x20;
  return (
    (lower >= 0x61 && lower <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x23 ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  );
}

function escaped(byte: number): string {
  return JSON.stringify(String.fromCharCode(byte)).slice(1, -1);
}

function isByteOrderMark(payload: Buffer, at: number): boolean {
  return payload[at] === 0xef && payload[at + 1] === 0xbb && payload[at + 2] === 0xbf;
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function wellFormed(bytes: Buffer): Buffer {
  return Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
}

function firstInvalidUtf8(bytes: Buffer): number | undefined {
  if (isUtf8(bytes)) return undefined;
  const repaired = wellFormed(bytes);
  const at = bytes.findIndex((byte, i) => byte !== repaired[i]);
  return at < 0 ? undefined : at;
}
