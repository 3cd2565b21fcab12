import { constants, performServerHandshake } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../util/log.js';
import { whileBusy } from '../../util/while-busy.js';
import { dial } from './dial.js';
import type { DialOptions } from './dial.js';
import { openConnectionWindow, SERVER_OPTIONS } from './line-protocol.js';
import { LinePulse } from './line-pulse.js';
import type { PulseTimes } from './line-pulse.js';
import { LineStream } from './line-stream.js';

/** Milliseconds for one attempt, from the first packet to the upgraded socket. */
const DIAL_MS = 10_000;
const MIN_DELAY_MS = 500;
const MAX_DELAY_MS = 10_000;
/** A line that stood for so long was a good one: the next attempt comes soon, unless the relay ended it. */
const STEADY_MS = 1000;

export type RelayLinkState = 'connected' | 'connecting' | 'disconnected';

export interface RelayStatus {
  readonly state: RelayLinkState;
  /** Where the gateway can be reached through the relay. */
  readonly address: string;
  /** Milliseconds to the relay and back; null while there is no line. */
  readonly rttMs: number | null;
}

export interface RelayLinkOptions {
  readonly relay: URL;
  readonly name: string;
  /** Read anew at each attempt: a token may be replaced. @throws Error when there is none */
  readonly readToken: () => string;
  /** @throws Error when the environment names no usable proxy */
  readonly proxy: () => DialOptions['proxy'];
  /** One connection of a browser. */
  readonly onConnection: (connection: LineStream) => void;
  readonly onStatus: (status: RelayStatus) => void;
  readonly log: Logger;
  readonly pulse?: Partial<PulseTimes>;
}

/** Milliseconds before attempt number `attempt`: doubling, the upper half drawn, so that gateways do not come in step. */
export function relayDelay(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(MAX_DELAY_MS, MIN_DELAY_MS * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}

/** The gateway's line to its relay, which it dials again whenever it ends. */
export class RelayLink {
  readonly #options: RelayLinkOptions;
  readonly #abort = new AbortController();
  readonly #streams = new Set<LineStream>();
  #session: ServerHttp2Session | undefined;
  #socket: Socket | undefined;
  #status: RelayStatus;
  #running: Promise<void> = Promise.resolve();
  #toldReason: string | undefined;
  /** The relay gave a reason when it ended the line, such as that another one took its place. */
  #wasEnded = false;
  /** Lines that stood so far. */
  connects = 0;

  constructor(options: RelayLinkOptions) {
    this.#options = options;
    const base = options.relay.href.replace(/\/$/, '');
    this.#status = { state: 'disconnected', address: `${base}/${options.name}`, rttMs: null };
  }

  get status(): RelayStatus {
    return this.#status;
  }

  /** Why there is no line; undefined while there is one. */
  get reason(): string | undefined {
    return this.#status.state === 'connected' ? undefined : this.#toldReason;
  }

  /** Connections of browsers that are open. */
  get streamCount(): number {
    return this.#streams.size;
  }

  start(): void {
    this.#options.onStatus(this.#status);
    this.#running = this.#run();
  }

  /** Takes no new connections, and resolves once those that are open have ended or `milliseconds` are over. */
  async drain(milliseconds: number): Promise<void> {
    this.#abort.abort();
    this.#session?.goaway(constants.NGHTTP2_NO_ERROR);
    await whileBusy(() => this.#streams.size > 0, milliseconds);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    const socket = this.#socket;
    const session = this.#session;
    if (session !== undefined && this.#streams.size === 0) {
      // What the last streams sent may still be on its way.
      session.close();
      await Promise.race([this.#running, delay(500)]);
    }
    session?.destroy();
    socket?.destroy();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const startedAt = performance.now();
      try {
        this.#tell({ state: 'connecting', rttMs: null });
        await this.#connectOnce();
        if (performance.now() - startedAt >= STEADY_MS && !this.#wasEnded) attempt = 0;
      } catch (error) {
        if (!isAborted(signal)) this.#warn(error);
      }
      this.#tell({ state: 'disconnected', rttMs: null });
      await delay(relayDelay(attempt), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Resolves when the line has ended. */
  async #connectOnce(): Promise<void> {
    const { relay, name, readToken, proxy } = this.#options;
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(DIAL_MS)]);
    const socket = await dial({ relay, name, token: readToken(), proxy: proxy(), signal });
    await this.#serve(socket);
  }

  #serve(socket: Socket): Promise<void> {
    const { log, pulse, name } = this.#options;
    this.#socket = socket;
    this.#wasEnded = false;
    const session = performServerHandshake(socket, SERVER_OPTIONS);
    this.#session = session;
    openConnectionWindow(session);
    session.on('stream', (stream, headers) => this.#accept(stream, headers));
    session.on('error', (error: Error) => log.debug({ cause: error.message }, 'the line to the relay'));
    session.on('goaway', (_code: number, _last: number, data?: Uint8Array) => this.#onGoaway(data));
    // A half-open socket would leave the session alive for ever.
    socket.once('end', () => socket.destroy());
    const watch = new LinePulse(session, {
      ...pulse,
      socket,
      onRtt: (ms) => this.#tell({ state: 'connected', rttMs: Math.round(ms * 100) / 100 }),
      onDead: () => {
        log.warn('the relay is silent or gone: the line is given up');
        session.destroy();
        socket.destroy();
      },
    });
    this.connects += 1;
    this.#toldReason = undefined;
    log.info({ relay: this.#status.address, name }, 'joined the relay');
    return new Promise((resolve) => {
      session.once('close', () => {
        watch.end();
        socket.destroy();
        this.#session = undefined;
        this.#socket = undefined;
        log.info('the line to the relay ended');
        resolve();
      });
    });
  }

  #accept(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    stream.on('error', () => undefined);
    if (headers[':method'] !== 'CONNECT') {
      stream.respond({ ':status': 405, allow: 'CONNECT' }, { endStream: true });
      return;
    }
    stream.respond({ ':status': 200 });
    const connection = new LineStream(stream);
    this.#streams.add(connection);
    connection.once('close', () => this.#streams.delete(connection));
    this.#options.onConnection(connection);
  }

  #onGoaway(data: Uint8Array | undefined): void {
    const text = data === undefined ? '' : Buffer.from(data).toString('latin1').slice(0, 100);
    if (text === '') return;
    this.#wasEnded = true;
    this.#options.log.warn(`the relay ends the line: ${text}`);
  }

  #tell(change: Pick<RelayStatus, 'state' | 'rttMs'>): void {
    if (this.#status.state === change.state && this.#status.rttMs === change.rttMs) return;
    this.#status = { ...this.#status, ...change };
    this.#options.onStatus(this.#status);
  }

  /** Each reason is logged once, until there has been a line. */
  #warn(error: unknown): void {
    const { message } = error instanceof Error ? error : new Error(String(error));
    if (message === this.#toldReason) return;
    this.#toldReason = message;
    this.#options.log.warn(`no line to the relay: ${message}; trying again`);
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
