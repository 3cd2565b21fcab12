import { statSync } from 'node:fs';
import { readTextFile } from '../util/text-file.js';

/** A secret that cannot be used; the message names the setting. */
export class TurnSecretError extends Error {
  override readonly name = 'TurnSecretError';
}

/** The secret that TURN servers share with the gateway: the file's text without white space around it. @throws TurnSecretError */
export function readTurnSecret(file: string): string {
  const secret = read(file).trim();
  if (secret === '') throw new TurnSecretError(`--turn-secret-file ${file} is empty`);
  // Windows has no such bits.
  if (process.platform !== 'win32' && (statSync(file).mode & 0o006) !== 0) {
    throw new TurnSecretError(
      `--turn-secret-file ${file} may be read or written by everybody: chmod o-rw ${file}`,
    );
  }
  return secret;
}

function read(file: string): string {
  try {
    return readTextFile(file);
  } catch (error) {
    throw new TurnSecretError(`--turn-secret-file ${file} cannot be read: ${(error as Error).message}`);
  }
}
