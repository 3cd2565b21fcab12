import { Store } from './store.js';
import { GATEWAY_CHANNELS } from '../../../src/wire/gateway-channels.js';
import type { RcspClient } from '../../../src/client/index.js';

/** Data of a `$gateway/upstream` event. */
export interface Upstream {
  readonly state: 'connected' | 'disconnected';
  readonly studio: string;
  readonly simulated: boolean;
}

/** Times are milliseconds since 1970. */
export interface Outage {
  /** Where the connection is broken: at the suspended page, before the gateway, or behind it. */
  readonly where: 'page' | 'gateway' | 'studio';
  readonly since: number;
}

export interface Recovery {
  readonly at: number;
  readonly where: Outage['where'];
  readonly since: number;
  /** Channels with gaps. */
  readonly gaps: readonly string[];
}

export interface Link {
  readonly client: RcspClient['state'];
  /** The page uses HTTP because no WebSocket opened. */
  readonly isWebSocketBlocked: boolean;
  /** The last report; `isLive` tells whether it still holds. */
  readonly upstream: Upstream | undefined;
  /** Whether the gateway has confirmed `upstream` on the current connection. */
  readonly isConfirmed: boolean;
  /** How many times the gateway has reported that the studio is connected. */
  readonly epoch: number;
  /** When the page last reconnected to the gateway; undefined before the first time. */
  readonly backAt: number | undefined;
  readonly outage: Outage | undefined;
  /** Kept until it is acknowledged. */
  readonly recovery: Recovery | undefined;
}

export function isLive({
  client,
  upstream,
  isConfirmed,
}: Pick<Link, 'client' | 'upstream' | 'isConfirmed'>): boolean {
  return client === 'open' && isConfirmed && upstream?.state === 'connected';
}

/** How long after its acknowledgement the gateway may take to send a changed state. */
const CONFIRM_MS = 100;

/** The connection from the page to the studio: its state, the current outage, and the gaps that it caused. */
export class LinkStore extends Store {
  readonly #client: RcspClient;
  readonly #stops: (() => void)[] = [];
  #link: Link;
  /** Channels with gaps since the outage began. */
  #gaps = new Set<string>();
  /** When the gateway received the state that it reported last. */
  #reportedAt = 0;
  /** When the browser suspended the page; undefined once the connection has changed state again. */
  #suspendedSince: number | undefined;
  /** Cancels the pending subscription or timer of `#confirm`. */
  #endConfirmation: () => void = () => undefined;

  constructor(client: RcspClient) {
    super();
    this.#client = client;
    this.#link = {
      client: client.state,
      isWebSocketBlocked: false,
      upstream: undefined,
      isConfirmed: false,
      epoch: 0,
      backAt: undefined,
      outage: undefined,
      recovery: undefined,
    };
  }

  /** Subscribes. */
  start(): void {
    // The back/forward cache keeps a page but not its connection.
    const onHide = ({ persisted }: PageTransitionEvent): void => {
      if (persisted) this.#suspendedSince = Date.now();
    };
    addEventListener('pagehide', onHide);
    this.#stops.push(
      () => removeEventListener('pagehide', onHide),
      this.#client.on('state', ({ state, transport }) => {
        this.#set({ isWebSocketBlocked: transport === 'http' });
        this.#onState(state);
      }),
      this.#client.on('gap', ({ channel }) => this.#onGap(channel)),
      this.#client.subscribe(GATEWAY_CHANNELS.upstream, {}, ({ event, receivedAt }) => {
        const upstream = upstreamOf(event['EventData']);
        if (upstream !== undefined) this.#onUpstream(upstream, receivedAt);
      }),
    );
    this.#onState(this.#client.state);
  }

  stop(): void {
    this.#endConfirmation();
    for (const stop of this.#stops.splice(0)) stop();
  }

  readonly snapshot = (): Link => this.#link;

  /** The user has seen the recovery. */
  acknowledge(): void {
    this.#set({ recovery: undefined });
  }

  #onState(state: RcspClient['state']): void {
    if (state === this.#link.client) return;
    const { outage } = this.#link;
    const isBack = state === 'open' && outage !== undefined && outage.where !== 'studio';
    this.#set({
      client: state,
      ...(state !== 'open' && { isConfirmed: false }),
      ...(state === 'waiting' && this.#outageOnDisconnect()),
      ...(isBack && { backAt: Date.now() }),
    });
    if (state === 'waiting' || state === 'open') this.#suspendedSince = undefined;
    if (state === 'open') this.#confirm();
  }

  /** After a suspension the gateway counts as unreachable only once a reconnect has failed. */
  #outageOnDisconnect(): Partial<Link> {
    const { outage } = this.#link;
    if (outage?.where === 'gateway') return {};
    if (outage?.where === 'page') return this.#outageAt('gateway', outage.since);
    if (this.#suspendedSince !== undefined) return this.#outageAt('page', this.#suspendedSince);
    return this.#outageAt('gateway', Date.now());
  }

  /** The client reports no event when the studio's state is the same as on the previous connection. */
  #confirm(): void {
    this.#endConfirmation();
    const off = this.#client.subscribe(GATEWAY_CHANNELS.upstream, {}, () => undefined);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const end = (): void => {
      isOver = true;
      clearTimeout(timer);
      off();
    };
    const settle = (): void => {
      end();
      const { client, isConfirmed, upstream } = this.#link;
      if (client === 'open' && !isConfirmed && upstream !== undefined)
        this.#onUpstream(upstream, this.#reportedAt);
    };
    this.#endConfirmation = end;
    off.ready.then(() => {
      if (!isOver) timer = setTimeout(settle, CONFIRM_MS);
    }, end);
  }

  #onUpstream(upstream: Upstream, at: number): void {
    this.#reportedAt = at;
    const { outage } = this.#link;
    const isThere = upstream.state === 'connected';
    const epoch = this.#link.epoch + (isThere ? 1 : 0);
    const report = { client: this.#client.state, upstream, isConfirmed: true, epoch };
    if (!isThere) {
      this.#set({ ...report, ...this.#outageAt('studio', at) });
    } else if (outage === undefined) {
      this.#set(report);
    } else {
      const recovery = { at: Date.now(), ...outage, gaps: [...this.#gaps] };
      this.#set({ ...report, outage: undefined, recovery });
    }
  }

  #outageAt(where: Outage['where'], since: number): Partial<Link> {
    if (this.#link.outage === undefined) this.#gaps = new Set();
    return { outage: { where, since }, recovery: undefined };
  }

  #onGap(channel: string): void {
    const { outage, recovery } = this.#link;
    if ((outage ?? recovery) === undefined || channel.startsWith('$gateway/')) return;
    this.#gaps.add(channel);
    if (recovery !== undefined) this.#set({ recovery: { ...recovery, gaps: [...this.#gaps] } });
  }

  #set(changes: Partial<Link>): void {
    this.#link = { ...this.#link, ...changes };
    this.notify();
  }
}

function upstreamOf(data: unknown): Upstream | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { state, studio, simulated }: Partial<Record<keyof Upstream, unknown>> = data;
  if (state !== 'connected' && state !== 'disconnected') return undefined;
  return { state, studio: String(studio), simulated: simulated === true };
}
