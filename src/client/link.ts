import { connectionLost, RcspError } from './error.js';
import type { Problem } from './error.js';
import { nextId } from './message-id.js';
import { HttpLink } from './http-link.js';
import type { Place } from './http-link.js';
import type { GatewayMessage } from '../wire/messages.js';
import type { SocketConstructor, SocketLike } from './socket.js';

export interface LinkOptions {
  /** Ends with a slash. */
  readonly base: URL;
  readonly token: string | undefined;
  /** Also without a token: whether we are refused is told over HTTP only. */
  readonly asksForTicket: boolean;
  /** Undefined to use HTTP alone: requests, and server-sent events. */
  readonly WebSocket: SocketConstructor | undefined;
  readonly place: Place;
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
  readonly onOpen: () => void;
  readonly onMessage: (message: GatewayMessage) => void;
  readonly onLatency: (ms: number) => void;
  /** Once, and nothing follows it. */
  readonly onEnd: (cause: RcspError, reason: EndReason) => void;
}

/** `blocked`: the gateway answers over HTTP, but no WebSocket opens. */
export type EndReason = 'lost' | 'refused' | 'blocked';

const OPEN = 1;
/** Milliseconds for a WebSocket to open: a proxy may swallow the upgrade. */
const OPEN_MS = 4000;
/** The token behind the ticket has expired or was revoked. */
const UNAUTHORIZED = 4401;

/** One connection, from its ticket to its end: it opens at most once, ends at most once, and never comes back. */
export class Link {
  readonly #options: LinkOptions;
  readonly #abort = new AbortController();
  #socket: Pick<SocketLike, 'readyState' | 'send' | 'close'> | undefined;
  #hasTicket = false;
  #isOpen = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** `performance.now()` of the ping that has no answer yet. */
  #pingedAt = 0;
  #heardAt = 0;
  #pingId = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => this.#lose('It did not open in time.'), options.pongTimeoutMs);
    void this.#begin();
  }

  /** False when it cannot be sent: then it is not. */
  send(text: string): boolean {
    if (this.#isOver || this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  /** Asks for a sign of life, now. */
  ping(): void {
    clearTimeout(this.#timer);
    this.#pingId = nextId();
    this.#pingedAt = performance.now();
    this.send(`{"op":"ping","id":${this.#pingId}}`);
    this.#timer = setTimeout(() => this.#check(), this.#options.pongTimeoutMs);
  }

  /** Closes the connection without calling the options' functions. */
  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#socket?.close(1000);
  }

  get #isOver(): boolean {
    return this.#abort.signal.aborted;
  }

  async #begin(): Promise<void> {
    const { base, asksForTicket } = this.#options;
    try {
      // Nothing ends before whoever made this has it.
      await Promise.resolve();
      if (this.#options.WebSocket === undefined) return this.#useHttp();
      const url = new URL('v1/ws', base);
      url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
      if (asksForTicket) url.searchParams.set('ticket', await this.#ticket());
      if (!this.#isOver) this.#dial(this.#options.WebSocket, url.href);
    } catch (error) {
      if (error instanceof RcspError)
        this.#end(error, error.status === 401 || error.status === 403 ? 'refused' : 'lost');
      else this.#lose(error instanceof Error ? error.message : String(error));
    }
  }

  /** @throws RcspError when the gateway gives none */
  async #ticket(): Promise<string> {
    const { base } = this.#options;
    const answer = await fetch(new URL('v1/tickets', base), {
      method: 'POST',
      cache: 'no-store',
      headers: this.#headers,
      signal: this.#abort.signal,
    });
    const body = asObject<Problem & { readonly ticket: string }>(await answer.json().catch(() => undefined));
    if (answer.ok && typeof body.ticket === 'string') {
      this.#hasTicket = true;
      return body.ticket;
    }
    const retryAfter = Number(answer.headers.get('retry-after')) || undefined;
    const { status } = answer;
    throw new RcspError({
      code: 'Gateway unreachable',
      detail: `There is no gateway: its address answered ${status}.`,
      outcome: 'not-sent',
      ...body,
      status,
      ...(retryAfter !== undefined && { retryAfter }),
    });
  }

  get #headers(): Record<string, string> {
    const { token } = this.#options;
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  #useHttp(): void {
    if (this.#isOver) return;
    this.#socket = new HttpLink({
      base: this.#options.base,
      headers: this.#headers,
      place: this.#options.place,
      onText: (text) => this.#isOver || this.#hear(text),
      onEnd: (detail) => this.#lose(detail),
    });
    this.#opened();
  }

  #opened(): void {
    this.#isOpen = true;
    this.ping();
    this.#options.onOpen();
  }

  #dial(WebSocket: SocketConstructor, url: string): void {
    const socket = new WebSocket(url);
    this.#socket = socket;
    clearTimeout(this.#timer);
    const openMs = Math.min(WebSocket.openMs ?? OPEN_MS, this.#options.pongTimeoutMs);
    this.#timer = setTimeout(() => this.#lose('The WebSocket did not open in time.'), openMs);
    socket.addEventListener('open', () => {
      if (this.#isOver) return socket.close(1000);
      this.#opened();
    });
    socket.addEventListener('message', ({ data }) => {
      if (!this.#isOver) this.#hear(String(data));
    });
    // Says nothing that `close`, which follows, does not say.
    socket.addEventListener('error', () => undefined);
    socket.addEventListener('close', ({ code, reason }) => {
      const detail = reason === '' ? `The connection ended (${code}).` : reason;
      if (code !== UNAUTHORIZED) return this.#lose(detail);
      this.#end(new RcspError({ code: 'Unauthorized', status: 401, detail, outcome: 'not-sent' }), 'refused');
    });
  }

  #hear(text: string): void {
    this.#heardAt = performance.now();
    const message = parse(text);
    if (message === undefined) return;
    if (message.op !== 'pong') return this.#options.onMessage(message);
    if (message.id !== this.#pingId) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.ping(), this.#options.pingIntervalMs);
    this.#options.onLatency(this.#heardAt - this.#pingedAt);
  }

  /** Whatever arrived since is a sign of life as well: the answer is behind it. */
  #check(): void {
    const { pongTimeoutMs } = this.#options;
    const silentMs = performance.now() - Math.max(this.#heardAt, this.#pingedAt);
    if (silentMs >= pongTimeoutMs - 1) return this.#lose('It gave no sign of life.');
    this.#timer = setTimeout(() => this.#check(), pongTimeoutMs - silentMs);
  }

  #lose(detail: string): void {
    const isBlocked = this.#hasTicket && !this.#isOpen;
    this.#end(connectionLost(detail), isBlocked ? 'blocked' : 'lost');
  }

  #end(cause: RcspError, reason: EndReason): void {
    if (this.#isOver) return;
    this.close();
    this.#options.onEnd(cause, reason);
  }
}

function parse(text: string): GatewayMessage | undefined {
  try {
    const { op, ...rest } = asObject<GatewayMessage>(JSON.parse(text));
    return op === undefined ? undefined : ({ op, ...rest } as GatewayMessage);
  } catch {
    return undefined;
  }
}

/** What stands between us and the gateway may say anything. */
function asObject<T extends object>(json: unknown): Partial<T> {
  return typeof json === 'object' && json !== null ? json : {};
}
