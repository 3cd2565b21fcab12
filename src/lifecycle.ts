/**
 * Start and shutdown, in order.
 *
 *   start      upstreams connect, once every plugin and route is there
 *   shutdown   1. idle connections end, and the server stops accepting
 *              2. event clients are told: closed with 1001 once their commands are answered
 *              3. upstreams take no new commands; those in flight finish, within the grace time
 *              4. HTTP requests in flight are answered
 *              5. the hub and the upstreams' connections close
 *              6. jobs, timers and, last, the simulator end
 *
 * Plugins name a step for what they own; nothing else decides when it runs.
 */
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/** Started while the server still answers, in this order; `drain` goes on while HTTP finishes. */
const BEFORE_HTTP_ENDS = ['connections', 'clients', 'drain'] as const;
/** Run in this order once HTTP has ended and the upstreams are drained. */
const AFTER_HTTP_ENDED = ['events', 'jobs', 'timers', 'simulator'] as const;

export type ShutdownStep = (typeof BEFORE_HTTP_ENDS)[number] | (typeof AFTER_HTTP_ENDED)[number];

export class Lifecycle {
  readonly #starts: (() => void)[] = [];
  readonly #reloads: (() => void)[] = [];
  readonly #steps = new Map<ShutdownStep, (() => void | Promise<void>)[]>();
  #draining: Promise<unknown> = Promise.resolve();
  /** The shutdown has begun. */
  isEnding = false;

  onStart(start: () => void): void {
    this.#starts.push(start);
  }

  onShutdown(step: ShutdownStep, end: () => void | Promise<void>): void {
    const known = this.#steps.get(step);
    if (known === undefined) this.#steps.set(step, [end]);
    else known.push(end);
  }

  onReload(reload: () => void): void {
    this.#reloads.push(reload);
  }

  /** Reads anew what is in files. Whoever fails logs it and keeps what it has. */
  reload(): void {
    for (const reload of this.#reloads) reload();
  }

  /** Calls `action` every so many milliseconds until the shutdown. */
  every(milliseconds: number, action: () => void): void {
    const timer = setInterval(action, milliseconds);
    this.onShutdown('timers', () => clearInterval(timer));
  }

  start(): void {
    for (const start of this.#starts) start();
  }

  /** The server still answers; what takes its time goes on in the background. */
  beginShutdown(): void {
    this.isEnding = true;
    const begun = BEFORE_HTTP_ENDS.flatMap((step) => (this.#steps.get(step) ?? []).map(async (end) => end()));
    this.#draining = Promise.all(begun);
  }

  /** HTTP has ended. */
  async finishShutdown(): Promise<void> {
    await this.#draining;
    for (const step of AFTER_HTTP_ENDED) for (const end of this.#steps.get(step) ?? []) await end();
  }
}

export const lifecycle = fp(
  (app: FastifyInstance) => {
    const own = new Lifecycle();
    app.decorate('lifecycle', own);
    app.addHook('onReady', (done) => {
      own.start();
      done();
    });
    app.addHook('preClose', (done) => {
      own.beginShutdown();
      done();
    });
    app.addHook('onClose', () => own.finishShutdown());
  },
  { name: 'lifecycle' },
);

declare module 'fastify' {
  interface FastifyInstance {
    lifecycle: Lifecycle;
  }
}
