import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/** File descriptors kept for the studio, files and the process itself. */
const RESERVED = 128;

/** Caps the connections of clients below the limit of file descriptors, so that the studio can always be reached. */
export const connectionLimit = fp(
  (app: FastifyInstance) => {
    const limit = descriptorLimit();
    if (limit === undefined) return;
    app.server.maxConnections = Math.max(limit - RESERVED, Math.floor(limit / 2));
    app.server.on('drop', () => app.metrics.connectionRefused('connection-limit'));
    app.server.once('drop', () =>
      app.log.warn(
        `connections are refused: ${app.server.maxConnections} are open, and the process may have ${limit} files (ulimit -n)`,
      ),
    );
  },
  { name: 'connection-limit' },
);

/** The soft limit of open files; undefined where it is not known (only Linux tells it). */
function descriptorLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
