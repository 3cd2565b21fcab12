import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './access.js';
import type { Certificate } from './access.js';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}

/** Signs certificates for 127.0.0.1, or another name, by the openssl of this machine. Its files end with the test. */
export class Authority {
  /** Path of its certificate, PEM. */
  readonly file: string;
  readonly #folder = temporaryFolder();
  readonly #key: string;

  constructor() {
    this.file = join(this.#folder, 'ca.pem');
    this.#key = join(this.#folder, 'ca.key');
    openssl('req', '-x509', ...KEY, '-days', '2', '-subj', '/CN=ca', '-keyout', this.#key, '-out', this.file);
  }

  /** Paths. */
  issue(name: string, alternative = 'IP:127.0.0.1'): Certificate {
    const path = (end: string): string => join(this.#folder, `${name}.${end}`);
    const [cert, key, request, extensions] = [path('pem'), path('key'), path('csr'), path('ext')];
    writeFileSync(extensions, `subjectAltName=${alternative}\n`);
    openssl('req', ...KEY, '-subj', `/CN=${name}`, '-keyout', key, '-out', request);
    const signer = ['-CA', this.file, '-CAkey', this.#key, '-CAcreateserial'];
    openssl('x509', '-req', '-in', request, '-days', '2', ...signer, '-extfile', extensions, '-out', cert);
    return { cert, key };
  }
}
