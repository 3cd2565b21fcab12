/** The certificate for HTTPS, from its files. */
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';

/** A certificate or key that cannot be used; the message names the setting. */
export class TlsFileError extends Error {
  override readonly name = 'TlsFileError';
}

/** Those of TLS 1.3, and of older versions what has forward secrecy and authenticated encryption. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

export interface TlsFiles {
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
}

/** null without TLS. @throws TlsFileError */
export function readTls({
  tlsCert,
  tlsKey,
}: TlsFiles): Pick<SecureContextOptions, 'cert' | 'key' | 'ciphers'> | null {
  if (tlsCert === null || tlsKey === null) return null;
  const cert = read('--tls-cert', tlsCert);
  const key = read('--tls-key', tlsKey);
  // Windows has no such bits.
  if (process.platform !== 'win32' && (statSync(tlsKey).mode & 0o006) !== 0) {
    throw new TlsFileError(`--tls-key ${tlsKey} may be read or written by everybody: chmod o-rw ${tlsKey}`);
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new TlsFileError(
      `--tls-cert ${tlsCert} and --tls-key ${tlsKey} do not go: ${(error as Error).message}`,
    );
  }
  return { cert, key, ciphers: CIPHERS };
}

function read(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new TlsFileError(`${flag} ${path} cannot be read: ${(error as Error).message}`);
  }
}
