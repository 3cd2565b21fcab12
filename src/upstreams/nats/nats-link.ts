/** The one connection of a gateway to NATS. It only dials out, and comes back for as long as it is wanted. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionOptions, NatsConnection, Status, WsSocketFactory } from '@nats-io/transport-node';
import { WebSocket } from 'ws';
import type { Logger } from '../../util/log.js';
import { authenticatorOf, identityOf } from './nats-credentials.js';
import type { IdentityOptions } from './nats-credentials.js';
import type { NatsModules } from './nats-modules.js';
import { isTimeout } from './origin-owner.js';
import { checkTlsFiles, tlsOptionsOf, webSocketTls } from './nats-tls.js';
import type { NatsTlsFiles } from './nats-tls.js';

export interface NatsLinkOptions extends IdentityOptions {
  readonly role: 'origin' | 'edge';
  readonly tls: NatsTlsFiles;
  readonly modules: NatsModules;
  readonly log: Logger;
}

/** Who follows the link. */
export interface LinkListener {
  /** Each time it comes up; the connection holds until `onDown`. */
  onUp(connection: NatsConnection): void;
  onDown(): void;
}

/** Milliseconds between two attempts, and for one. */
const RETRY_MS = 500;
const RETRY_JITTER_MS = 250;
const CONNECT_TIMEOUT_MS = 5000;
/** Milliseconds between two pings; a server that answered none of two is gone. */
const PING_MS = 2000;
const MAX_PINGS_OUT = 2;

export class NatsLink {
  readonly modules: NatsModules;
  /** What this gateway is called. */
  readonly name: string;
  readonly #options: NatsLinkOptions;
  readonly #listeners: LinkListener[] = [];
  readonly #stopping = new AbortController();
  #connection: NatsConnection | undefined;
  #isUp = false;
  #told: string | undefined;

  /** @throws Error when the credentials or certificates cannot be read */
  constructor(options: NatsLinkOptions) {
    this.#options = options;
    this.modules = options.modules;
    this.name = identityOf(options, options.modules);
    authenticatorOf(options, options.modules);
    checkTlsFiles(options.tls);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** The servers, without secrets. */
  get address(): string {
    return this.#options.servers.map(withoutUser).join(', ');
  }

  /** All answers come below it: permissions name it. */
  get inboxPrefix(): string {
    return `_INBOX.${this.name}`;
  }

  /** Undefined while it is down: nothing that is sent then would arrive when its sender thinks. */
  get connection(): NatsConnection | undefined {
    return this.#isUp ? this.#connection : undefined;
  }

  follow(listener: LinkListener): void {
    this.#listeners.push(listener);
    if (this.#isUp && this.#connection !== undefined) listener.onUp(this.#connection);
  }

  start(): void {
    void this.#run();
  }

  /** Sends what is written, and ends. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const connection = this.connection;
    await Promise.race([connection?.flush().catch(() => undefined), delay(CONNECT_TIMEOUT_MS / 5)]);
    await this.#connection?.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const connection = await this.#connect().catch((error: unknown) => {
          throw this.#explained(error);
        });
        await this.#follow(connection);
      } catch (error) {
        this.#tell(error);
      }
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One attempt: the library's own first attempts could not be ended. After it, the library connects again by itself. */
  #connect(): Promise<NatsConnection> {
    const { servers, role, modules, tls: files } = this.#options;
    const authenticator = authenticatorOf(this.#options, modules);
    const options: ConnectionOptions = {
      servers: servers.map(withoutUser),
      name: `rcsp-gateway ${role} ${this.name}`,
      inboxPrefix: this.inboxPrefix,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RETRY_MS,
      reconnectJitter: RETRY_JITTER_MS,
      reconnectJitterTLS: RETRY_JITTER_MS,
      ignoreAuthErrorAbort: true,
      timeout: CONNECT_TIMEOUT_MS,
      pingInterval: PING_MS,
      maxPingOut: MAX_PINGS_OUT,
      ...(authenticator && { authenticator }),
    };
    if (/^ws/i.test(servers[0] ?? ''))
      return modules.core.wsconnect({
        ...options,
        wsFactory: (url) => Promise.resolve().then(() => openWebSocket(url, files)),
      });
    const tls = tlsOptionsOf(servers, files);
    return modules.core.connect(tls === undefined ? options : { ...options, tls });
  }

  async #follow(connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    // It came while the gateway ended.
    if (this.#stopping.signal.aborted) return connection.close();
    this.#setUp(true);
    for await (const status of connection.status()) this.#onStatus(status);
    this.#setUp(false);
    const error = await connection.closed();
    if (error !== undefined) throw error;
  }

  #onStatus(status: Status): void {
    if (status.type === 'disconnect') this.#setUp(false);
    if (status.type === 'reconnect') this.#setUp(true);
    if (status.type === 'error') this.#tell(status.error);
  }

  #setUp(isUp: boolean): void {
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    const { log } = this.#options;
    if (isUp) {
      this.#told = undefined;
      log.info(`connected to NATS at ${this.address} as ${this.name}`);
    } else if (!this.#stopping.signal.aborted) log.warn(`lost NATS at ${this.address}`);
    for (const listener of this.#listeners) {
      if (isUp && this.#connection !== undefined) listener.onUp(this.#connection);
      else listener.onDown();
    }
  }

  /** With TLS 1.3 a server may refuse a certificate when the handshake is over, and the library does not tell that. */
  #explained(error: unknown): unknown {
    if (!isTimeout(error)) return error;
    const { servers, tls: files } = this.#options;
    const mayRefuse =
      files.cert === null
        ? 'it may ask for a certificate, --nats-cert'
        : 'it may not take the certificate of --nats-cert';
    const isTls = tlsOptionsOf(servers, files) !== undefined || servers.some((each) => /^wss:/i.test(each));
    const why = isTls ? `; ${mayRefuse}` : '';
    return new Error(`the server did not answer within ${CONNECT_TIMEOUT_MS / 1000} s${why}`, {
      cause: error,
    });
  }

  /** An attempt that fails for the same reason is no news. */
  #tell(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === this.#told || this.#stopping.signal.aborted) return;
    this.#told = reason;
    this.#options.log.warn({ cause: reason }, `NATS at ${this.address}: ${reason}`);
  }
}

function withoutUser(url: string): string {
  const parsed = new URL(url);
  const path = parsed.pathname === '/' ? '' : parsed.pathname;
  return `${parsed.protocol}//${parsed.host}${path}`;
}

/** Node.js 20 has no WebSocket of its own, without which the library waits for ever. */
function openWebSocket(url: string, files: NatsTlsFiles): OpenedSocket {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    ...webSocketTls(files),
  });
  // The library uses what both kinds have: `on…`, `send`, `close`, `binaryType`.
  const socketAsInBrowsers = socket as unknown as OpenedSocket['socket'];
  return { socket: socketAsInBrowsers, encrypted: url.startsWith('wss:') };
}

type OpenedSocket = Awaited<ReturnType<WsSocketFactory>>;
