/** Text files as editors and shells of all systems write them. */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';

/** The bytes are no UTF-8 text; the message is the predicate of a sentence whose subject is the file. */
export class TextEncodingError extends Error {
  override readonly name = 'TextEncodingError';
}

/**
 * A file's text, without a byte order mark. `0` is standard input.
 *
 * @throws TextEncodingError and the system's errors
 */
export function readTextFile(path: string | 0): string {
  return decodeText(readFileSync(path));
}

/** UTF-8, with or without a byte order mark. @throws TextEncodingError naming what the bytes look like */
export function decodeText(bytes: Buffer): string {
  if (isUtf16(bytes)) throw new TextEncodingError('is UTF-16 text; save it as UTF-8');
  if (!isUtf8(bytes)) {
    throw new TextEncodingError(`is not UTF-8 text (line ${firstBadLine(bytes)}); save it as UTF-8`);
  }
  const text = bytes.toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/** By its mark, or by the zero byte in its first character: JSON begins with ASCII. */
function isUtf16(bytes: Buffer): boolean {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return false;
  const hasMark = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return hasMark || (first === 0) !== (second === 0);
}

function firstBadLine(bytes: Buffer): number {
  const decoded = Buffer.from(bytes.toString('utf8'));
  const at = bytes.findIndex((byte, i) => byte !== decoded[i]);
  return bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
}
