import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config/config.js';
import { GatewayError, RejectedError } from '../errors/errors.js';
import { problemOf } from '../errors/problem-of.js';
import { Hub } from '../events/hub.js';

/** Milliseconds that an upstream has to take a channel that a client names. */
const READY_TIMEOUT_MS = 5000;

/** Milliseconds in which refusals become one line: those of one `subscribe` come close together. */
const REFUSALS_MS = 500;
/** Channels that such a line names. */
const MAX_NAMED = 20;

interface RefusalLine {
  readonly channels: readonly string[];
  readonly count: number;
  /** Of the first one. */
  readonly cause: string;
}

class RefusalLog {
  readonly #write: (line: RefusalLine) => void;
  #line: (RefusalLine & { readonly timer: NodeJS.Timeout }) | undefined;

  constructor(write: (line: RefusalLine) => void) {
    this.#write = write;
  }

  add(channel: string, cause: string): void {
    const line = (this.#line ??= {
      channels: [],
      count: 0,
      cause,
      timer: setTimeout(() => this.flush(), REFUSALS_MS),
    });
    const channels = line.count < MAX_NAMED ? [...line.channels, channel] : line.channels;
    this.#line = { ...line, channels, count: line.count + 1 };
  }

  flush(): void {
    if (this.#line === undefined) return;
    const { timer, ...line } = this.#line;
    clearTimeout(timer);
    this.#line = undefined;
    this.#write(line);
  }
}

/** The hub of all events. Upstreams are its sources, clients its listeners. */
export const eventHub = fp<{ config: Config }>(
  (app: FastifyInstance, { config }: { config: Config }) => {
    const epoch = randomBytes(3).readUIntBE(0, 3).toString(36);
    let epochs = 0;
    const refusals = new RefusalLog((line) => app.log.warn(line, 'the studio refused subscriptions'));
    const hub = new Hub({
      journal: { maxEvents: config.historyEvents, maxBytes: config.historyBytes },
      lingerMs: config.linger * 1000,
      nextEpoch: () => `${epoch}${(epochs += 1).toString(36)}`,
      readyTimeoutMs: READY_TIMEOUT_MS,
      onRemoved(error, listeners) {
        for (const each of listeners) each.tell({ op: 'error', id: null, error: problemOf(error) });
      },
      onRefused(channel, error, listeners) {
        refusals.add(channel, error.message);
        const why =
          error instanceof RejectedError ? error : new GatewayError('Protocol error', error.message);
        for (const each of listeners) each.tell({ op: 'error', id: null, error: problemOf(why) });
      },
    });
    app.decorate('hub', hub);
    app.lifecycle.onShutdown('events', () => {
      hub.close();
      refusals.flush();
    });
  },
  { name: 'event-hub', dependencies: ['lifecycle'] },
);

declare module 'fastify' {
  interface FastifyInstance {
    hub: Hub;
  }
}
