/** The join token that a gateway shows its relay. */
import { statSync } from 'node:fs';
import { readTextFile, TextEncodingError } from '../util/text-file.js';

/** @throws Error with one line that begins with the file's path */
export function readJoinToken(file: string): string {
  let text: string;
  try {
    text = readTextFile(file).trim();
  } catch (error) {
    const reason =
      error instanceof TextEncodingError ? error.message : `cannot be read: ${(error as Error).message}`;
    throw new Error(`${file} ${reason}`, { cause: error });
  }
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new Error(
    `${file} holds no join token: make one with "rcsp-gateway relay-token create" at the relay`,
  );
}

/** What an operator should know; undefined for a file that only its owner reads. Windows has no such bits. */
export function joinTokenWarning(file: string): string | undefined {
  const stat = process.platform === 'win32' ? undefined : statSync(file, { throwIfNoEntry: false });
  return stat === undefined || (stat.mode & 0o007) === 0
    ? undefined
    : `${file} may be read by everybody on this machine: chmod o-rwx ${file}`;
}
