import { Server } from 'node:https';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { fileVersion } from '../util/file-version.js';
import { readTls } from '../config/tls-files.js';
import type { TlsFiles } from '../config/tls-files.js';

/** Milliseconds between two checks of the files for changes. */
const POLL_MS = 1000;

/** A certificate that is renewed is used from then on, without a restart; one that is no good is not. */
export const tlsReload = fp<{ files: TlsFiles }>(
  (app: FastifyInstance, { files }: { files: TlsFiles }) => {
    const server: unknown = app.server;
    if (!(server instanceof Server)) return;
    let known = versionOf(files);
    const refresh = (isForced: boolean): void => {
      const version = versionOf(files);
      if (version === known && !isForced) return;
      known = version;
      try {
        server.setSecureContext(readTls(files) ?? {});
        app.log.info('the certificate was read anew');
      } catch (error) {
        app.log.error(`the certificate stays what it was: ${(error as Error).message}`);
      }
    };
    app.lifecycle.every(POLL_MS, () => refresh(false));
    app.lifecycle.onReload(() => refresh(true));
  },
  { name: 'tls', dependencies: ['lifecycle'] },
);

function versionOf({ tlsCert, tlsKey }: TlsFiles): string {
  return [tlsCert, tlsKey].map((path) => (path === null ? '' : fileVersion(path))).join(' ');
}
