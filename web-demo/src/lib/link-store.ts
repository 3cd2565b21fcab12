import { Store } from './store.js';
import { GATEWAY_CHANNELS } from '../../../src/wire/gateway-channels.js';
import type { RcspClient } from '../../../src/client/index.js';

/** What `$gateway/upstream` tells. */
export interface Upstream {
  readonly state: 'connected' | 'disconnected';
  readonly studio: string;
  readonly simulated: boolean;
}

/** Times are milliseconds since 1970. */
export interface Outage {
  /** Where the way to the studio is broken: at the page, which was asleep, before the gateway, or behind it. */
  readonly where: 'page' | 'gateway' | 'studio';
  readonly since: number;
}

export interface Recovery {
  readonly at: number;
  readonly where: Outage['where'];
  readonly since: number;
  /** Channels of which something is missing. */
  readonly gaps: readonly string[];
}

export interface Link {
  readonly client: RcspClient['state'];
  /** As last told; whether that still holds is another question: see `isLive`. */
  readonly upstream: Upstream | undefined;
  /** Whether the gateway has told it on the connection of now. */
  readonly isTold: boolean;
  /** Counts how often the gateway has told that the studio is there. */
  readonly epoch: number;
  /** When the page had the gateway back the last time; undefined while it has never been without. */
  readonly backAt: number | undefined;
  readonly outage: Outage | undefined;
  /** Until somebody has read it. */
  readonly recovery: Recovery | undefined;
}

export function isLive({ client, upstream, isTold }: Link): boolean {
  return client === 'open' && isTold && upstream?.state === 'connected';
}

/** How long after its answer the gateway may take to tell how the studio is. */
const CONFIRM_MS = 100;

/** The way from the page to the studio: how it stands, since when it is broken, and what that cost. */
export class LinkStore extends Store {
  readonly #client: RcspClient;
  readonly #stops: (() => void)[] = [];
  #link: Link;
  /** Channels with gaps since the outage began. */
  #gaps = new Set<string>();
  /** When the gateway heard what it told last of the studio. */
  #toldAt = 0;
  /** When the browser put the page to sleep; undefined once its connection has been heard of again. */
  #asleepSince: number | undefined;
  /** Of the question on its way, or the timer after it. */
  #endConfirmation: () => void = () => undefined;

  constructor(client: RcspClient) {
    super();
    this.#client = client;
    this.#link = {
      client: client.state,
      upstream: undefined,
      isTold: false,
      epoch: 0,
      backAt: undefined,
      outage: undefined,
      recovery: undefined,
    };
  }

  /** Begins to listen. */
  start(): void {
    // Browsers keep a page that was left, to show it again, but not its connection.
    const onHide = ({ persisted }: PageTransitionEvent): void => {
      if (persisted) this.#asleepSince = Date.now();
    };
    addEventListener('pagehide', onHide);
    this.#stops.push(
      () => removeEventListener('pagehide', onHide),
      this.#client.on('state', ({ state }) => this.#onState(state)),
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

  /** The news that it is back has been read. */
  acknowledge(): void {
    this.#set({ recovery: undefined });
  }

  #onState(state: RcspClient['state']): void {
    if (state === this.#link.client) return;
    const { outage } = this.#link;
    const isBack = state === 'open' && outage !== undefined && outage.where !== 'studio';
    this.#set({
      client: state,
      ...(state !== 'open' && { isTold: false }),
      ...(state === 'waiting' && this.#lost()),
      ...(isBack && { backAt: Date.now() }),
    });
    if (state === 'waiting' || state === 'open') this.#asleepSince = undefined;
    if (state === 'open') this.#confirm();
  }

  /** After a sleep, the gateway's state is unknown until a request has failed. */
  #lost(): Partial<Link> {
    const { outage } = this.#link;
    if (outage?.where === 'gateway') return {};
    if (outage?.where === 'page') return this.#broken('gateway', outage.since);
    if (this.#asleepSince !== undefined) return this.#broken('page', this.#asleepSince);
    return this.#broken('gateway', Date.now());
  }

  /** Of a studio that is as it was on the last connection, the client says nothing anew. */
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
      const { client, isTold, upstream } = this.#link;
      if (client === 'open' && !isTold && upstream !== undefined) this.#onUpstream(upstream, this.#toldAt);
    };
    this.#endConfirmation = end;
    off.ready.then(() => {
      if (!isOver) timer = setTimeout(settle, CONFIRM_MS);
    }, end);
  }

  #onUpstream(upstream: Upstream, at: number): void {
    this.#toldAt = at;
    const { outage } = this.#link;
    const isThere = upstream.state === 'connected';
    const epoch = this.#link.epoch + (isThere ? 1 : 0);
    const told = { client: this.#client.state, upstream, isTold: true, epoch };
    if (!isThere) {
      this.#set({ ...told, ...this.#broken('studio', at) });
    } else if (outage === undefined) {
      this.#set(told);
    } else {
      const recovery = { at: Date.now(), ...outage, gaps: [...this.#gaps] };
      this.#set({ ...told, outage: undefined, recovery });
    }
  }

  #broken(where: Outage['where'], since: number): Partial<Link> {
    if (this.#link.outage === undefined) this.#gaps = new Set();
    return { outage: { where, since }, recovery: undefined };
  }

  #onGap(channel: string): void {
    const { outage, recovery } = this.#link;
    if ((outage ?? recovery) === undefined || channel.startsWith('$gateway/')) return;
    this.#gaps.add(channel);
    if (recovery !== undefined) this.#set({ recovery: { ...recovery, gaps: [...this.#gaps] } });
  }

  #set(news: Partial<Link>): void {
    this.#link = { ...this.#link, ...news };
    this.notify();
  }
}

function upstreamOf(data: unknown): Upstream | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { state, studio, simulated }: Partial<Record<keyof Upstream, unknown>> = data;
  if (state !== 'connected' && state !== 'disconnected') return undefined;
  return { state, studio: String(studio), simulated: simulated === true };
}
