import { Commands } from './command-calls.js';
import { Emitter } from './emitter.js';
import { connectionLost, RcspError } from './error.js';
import { EventIterator } from './event-iterator.js';
import { askLights } from './light-requests.js';
import { Link } from './link.js';
import type { EndReason } from './link.js';
import type { ErrorMessage, GatewayMessage, Subscription } from '../wire/messages.js';
import { baseOf, dataChannelOf, page, socketOf } from './environment.js';
import type { SocketConstructor } from './socket.js';
import { Subscriptions } from './channel-subscriptions.js';
import type {
  AnyCommand,
  CallParameters,
  CallResponse,
  ClientEvents,
  ClientState,
  EventDataOf,
  EventsOptions,
  RcspClientOptions,
  StateEvent,
  StudioEvent,
  SubscribeOptions,
  Unsubscribe,
} from './types.js';

/** Milliseconds in which the last events of the former connection arrive. */
const DRAIN_MS = 2000;
/** Milliseconds that a connection has to last before the next loss counts as the first. */
const STEADY_MS = 5000;

/**
 * A gateway, over one WebSocket that comes back by itself, or over HTTP where none opens. It connects when it is made,
 * and lives until `close()`.
 *
 * No command is sent twice. No event is heard twice; none is missing without a `gap`. What is asked
 * while there is no connection waits for one.
 */
export class RcspClient {
  readonly #options: RcspClientOptions;
  readonly #base: URL;
  readonly #emitter = new Emitter<ClientEvents>();
  readonly #commands: Commands;
  readonly #subscriptions: Subscriptions;
  #token: string | undefined;
  #state: ClientState = 'connecting';
  #refusal: RcspError | undefined;
  #link: Link | undefined;
  /** A WebSocket that is tried while HTTP is used; then the former connection, until its last events are here. */
  #spare: Link | undefined;
  /** Of data channels, while they are used. */
  #dataChannel: SocketConstructor | undefined;
  /** Why they are not used, where they were asked for. */
  #noDataChannel: RcspError | undefined;
  /** Why no WebSocket opened, while HTTP is used. */
  #blocked: RcspError | undefined;
  #latencyMs: number | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #openedAt: number | undefined;
  /** Attempts in a row that came to nothing. */
  #failures = 0;

  /** @throws TypeError without a URL where there is no page, or without a WebSocket where there is no global one */
  constructor(options: RcspClientOptions = {}) {
    this.#options = options;
    this.#base = baseOf(options.url, options.studio);
    this.#token = options.token;
    const send = (text: string): boolean => this.#link?.send(text) ?? false;
    this.#commands = new Commands(send, () => this.#state === 'open');
    this.#subscriptions = new Subscriptions(send, this.#emitter);
    socketOf(options);
    page().addEventListener?.('online', this.#onOnline);
    if (options.transport === 'webrtc') void this.#useDataChannel();
    else this.#dial();
  }

  get state(): ClientState {
    return this.#state;
  }

  /** The last round trip to the gateway, in milliseconds; undefined before the first. */
  get latencyMs(): number | undefined {
    return this.#latencyMs;
  }

  get token(): string | undefined {
    return this.#token;
  }

  /** Another token is another user: connects anew. */
  set token(token: string | undefined) {
    if (token === this.#token) return;
    this.#token = token;
    this.#drop('The token has changed.');
    this.connect();
  }

  /** Connects now: ends a pause, asks again after a refusal. While there is a connection, or it is closed, nothing. */
  connect(): void {
    if (this.#state !== 'waiting' && this.#state !== 'refused') return;
    this.#failures = 0;
    this.#dial();
  }

  /**
   * Runs a command, by RCSP's name.
   *
   * @returns its `Response`; null where the answer is a plain OK
   * @throws RcspError that says whether it may have run; the signal's reason when that aborts
   */
  async call<const Name extends AnyCommand>(
    name: Name,
    ...[args, options = {}]: CallParameters<Name>
  ): Promise<CallResponse<Name>> {
    const cause = this.#state === 'closed' ? closed() : this.#refusal;
    if (cause !== undefined) {
      const { code, status, detail } = cause;
      throw new RcspError({ code, status, detail, outcome: 'not-sent', command: name });
    }
    // What was subscribed before it must not miss what it brings about.
    this.#subscriptions.sync();
    return (await this.#commands.call(name, args, options)) as CallResponse<Name>;
  }

  /**
   * Light arrays, over HTTP: `lights()` lists them, `lights('192.168.0.23/model-light', { power: 40 })` changes one,
   * `lights('192.168.0.23/sequence/run', undefined, 'POST')` runs its sequence.
   *
   * @returns the answer's body; null where there is none
   * @throws RcspError
   */
  lights(path = '', body?: object, method: 'GET' | 'PUT' | 'POST' = body ? 'PUT' : 'GET'): Promise<unknown> {
    return askLights(this.#base, this.#token, path, body, method);
  }

  /**
   * Listens to a channel, or to all that a pattern stands for. A callback that is subscribed several times hears
   * each event once. Of `$gateway/upstream` and `$gateway/lease`, it always hears the current event first.
   */
  subscribe<const Pattern extends string>(
    pattern: Pattern,
    ...rest:
      | [callback: (event: StudioEvent<EventDataOf<Pattern>>) => void]
      | [options: SubscribeOptions, callback: (event: StudioEvent<EventDataOf<Pattern>>) => void]
  ): Unsubscribe {
    const [options, callback] = rest.length === 1 ? [{}, rest[0]] : rest;
    return this.#subscribe(pattern, options, callback as (event: StudioEvent) => void);
  }

  /**
   * What the gateway said when it took a subscription that is held: the channels that the pattern stood for, with their
   * cursors then, or when the last of its listeners came; and a `suggestion` when no publisher offers such a channel.
   * Undefined before `ready`.
   */
  subscription(pattern: string): Subscription | undefined {
    return this.#subscriptions.reply(pattern);
  }

  /**
   * The same as something to iterate over. It listens from now on, until the loop is left, `return()` or `close()`;
   * of events that nobody takes, the oldest are dropped and told as a `gap` with the cause `slow-client`.
   */
  events<const Pattern extends string>(
    pattern: Pattern,
    { buffer = 1000, ...options }: EventsOptions = {},
  ): AsyncIterableIterator<StudioEvent<EventDataOf<Pattern>>, undefined> {
    const iterator = new EventIterator(buffer, (gap) => this.#emitter.emit('gap', gap));
    const push = (event: StudioEvent): void => iterator.push(event);
    iterator.onEnd = this.#subscribe(pattern, options, push, (error) => iterator.fail(error));
    return iterator as AsyncIterableIterator<StudioEvent<EventDataOf<Pattern>>, undefined>;
  }

  /** @returns what ends it */
  on<Name extends keyof ClientEvents>(name: Name, listener: (event: ClientEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Ends everything, for good: the connection, subscriptions, iterators, listeners, and commands that wait. */
  close(): void {
    if (this.#state === 'closed') return;
    page().removeEventListener?.('online', this.#onOnline);
    this.#drop('The client was closed.');
    this.#state = 'closed';
    this.#commands.refuse(closed());
    this.#subscriptions.close(closed());
    this.#become({ state: 'closed' });
    this.#emitter.clear();
  }

  readonly #onOnline = (): void => {
    if (this.#state === 'open') this.#link?.ping();
    else if (this.#state === 'waiting') this.connect();
  };

  #subscribe(
    pattern: string,
    { mode = 'all' }: SubscribeOptions,
    callback: (event: StudioEvent) => void,
    onFinal: (error: RcspError | undefined) => void = () => undefined,
  ): Unsubscribe {
    let end: () => void = () => undefined;
    const ready = new Promise<void>((resolve, reject) => {
      const onError = (error: RcspError, isFinal: boolean): void => {
        reject(error);
        if (isFinal) onFinal(this.#state === 'closed' ? undefined : error);
      };
      if (this.#state === 'closed') onError(closed(), true);
      else end = this.#subscriptions.add(pattern, { mode, callback, onReady: resolve, onError });
    });
    // Unhandled, it is reported as `error`.
    ready.catch(() => undefined);
    return Object.assign(() => end(), { ready });
  }

  #dial(): void {
    clearTimeout(this.#retry);
    this.#refusal = undefined;
    this.#openedAt = undefined;
    this.#link = this.#connect(this.#blocked === undefined);
    this.#become({ state: 'connecting' });
  }

  async #useDataChannel(): Promise<void> {
    try {
      this.#dataChannel = await dataChannelOf(this.#base, () => this.#token);
    } catch {
      this.#noDataChannel = connectionLost('No client-webrtc.js.');
    }
    if (this.#state === 'connecting') this.#dial();
  }

  #connect(usesWebSocket: boolean): Link {
    const { pingIntervalMs = 15_000, pongTimeoutMs = 10_000 } = this.#options;
    const link: Link = new Link({
      base: this.#base,
      token: this.#token,
      asksForTicket: this.#token !== undefined || this.#failures > 0,
      WebSocket: usesWebSocket ? (this.#dataChannel ?? socketOf(this.#options)) : undefined,
      place: this.#subscriptions.place,
      pingIntervalMs,
      pongTimeoutMs,
      onOpen: () => this.#onOpen(link),
      onMessage: (message) => this.#onMessage(message),
      onLatency: (ms) => (this.#latencyMs = ms),
      onEnd: (cause, reason) => {
        if (link === this.#link) this.#onEnd(cause, reason);
        else if (this.#blocked !== undefined) this.#tryWebSocketLater();
      },
    });
    return link;
  }

  #onOpen(link: Link): void {
    if (link !== this.#link && !this.#swap(link)) return;
    this.#openedAt = performance.now();
    this.#state = 'open';
    this.#subscriptions.sync();
    this.#commands.flush();
    const cause = this.#blocked;
    if (cause !== undefined) this.#tryWebSocketLater();
    const transport = this.#dataChannel ? 'webrtc' : cause ? 'http' : 'websocket';
    this.#become({ state: 'open', transport, cause: cause ?? this.#noDataChannel });
  }

  #tryWebSocketLater(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#spare = this.#connect(true);
    }, this.#options.webSocketRetryMs ?? 60_000);
  }

  /** Goes on over the WebSocket that has opened, unless commands wait for their answers over HTTP. */
  #swap(link: Link): boolean {
    if (this.#commands.isBusy) {
      link.close();
      this.#tryWebSocketLater();
      return false;
    }
    [this.#link, this.#spare] = [link, this.#link];
    this.#blocked = undefined;
    this.#retry = setTimeout(() => this.#spare?.close(), DRAIN_MS);
    this.#subscriptions.lose();
    return true;
  }

  #onMessage(message: GatewayMessage): void {
    switch (message.op) {
      case 'event':
        return this.#subscriptions.onEvent(message);
      case 'gap': {
        const { op: _, ...gap } = message;
        return this.#subscriptions.onGap(gap);
      }
      case 'response':
        return this.#commands.onResponse(message.id, message.response);
      case 'subscribed':
        return this.#subscriptions.onSubscribed(message);
      case 'error':
        return this.#onError(message);
    }
  }

  #onError({ id, error }: ErrorMessage): void {
    if (id !== null && (this.#commands.onError(id, error) || this.#subscriptions.onError(id, error))) return;
    this.#emitter.emit('error', { channel: undefined, error: new RcspError(error) });
  }

  #onEnd(cause: RcspError, reason: EndReason): void {
    const isNoDataChannel = this.#dataChannel && this.#openedAt === undefined && reason !== 'refused';
    if (isNoDataChannel || reason === 'blocked') {
      this.#drop(cause.detail);
      if (isNoDataChannel) [this.#dataChannel, this.#noDataChannel] = [undefined, cause];
      else this.#blocked = cause;
      return this.#dial();
    }
    const wasSteady = this.#openedAt !== undefined && performance.now() - this.#openedAt > STEADY_MS;
    this.#failures = wasSteady ? 1 : this.#failures + 1;
    this.#drop(cause.detail);
    if (reason === 'refused') {
      this.#refusal = cause;
      this.#commands.refuse(cause);
      return this.#become({ state: 'refused', cause });
    }
    const { minBackoffMs = 500, maxBackoffMs = 15_000 } = this.#options;
    const pauseMs =
      Math.min(maxBackoffMs, minBackoffMs * 2 ** (this.#failures - 1)) * (1 - Math.random() / 2);
    const retryInMs = Math.round(Math.max(pauseMs, (cause.retryAfter ?? 0) * 1000));
    this.#retry = setTimeout(() => this.#dial(), retryInMs);
    this.#become({ state: 'waiting', cause, retryInMs });
  }

  /** What the connection carried is lost; it is not heard of again. */
  #drop(detail: string): void {
    clearTimeout(this.#retry);
    this.#link?.close();
    this.#spare?.close();
    this.#link = this.#spare = this.#blocked = undefined;
    if (this.#state === 'open' || this.#state === 'connecting') this.#state = 'waiting';
    this.#commands.lose(detail);
    this.#subscriptions.lose();
  }

  #become(event: StateEvent): void {
    this.#state = event.state;
    this.#emitter.emit('state', event);
  }
}

function closed(): RcspError {
  return new RcspError({ code: 'Closed', status: 499, detail: 'The client is closed.', outcome: 'not-sent' });
}
