import { Store } from './store.js';
import { GATEWAY_CHANNELS } from '../../../src/wire/gateway-channels.js';
import { RcspError } from '../../../src/client/index.js';
import type { RcspClient } from '../../../src/client/index.js';
import { ask } from './gateway.js';

interface LeaseHolder {
  /** Null while nobody holds the lease. */
  readonly holder: string | null;
  /** Milliseconds since 1970, by the gateway's clock. */
  readonly expiresAt: number | null;
}

export interface LeaseState {
  /** Undefined until the gateway has reported it. */
  readonly state: LeaseHolder | undefined;
  /** This page's name at the gateway, while the page holds the lease. */
  readonly ownName: string | undefined;
  /** Who took the lease from this page; undefined when nobody did. */
  readonly takenBy: string | undefined;
}

/** Bounds of the time between renewals; the clocks of page and gateway may differ. */
const RENEW_MS = { least: 300, most: 10_000 };

/**
 * The holder of the control lease; renews the lease while the page holds it. The channel reports every change of
 * holder: a report received during a request is newer than the answer to it, or a newer report follows.
 */
export class LeaseStore extends Store {
  readonly #client: RcspClient;
  readonly #stops: (() => void)[] = [];
  #news: LeaseState = { state: undefined, ownName: undefined, takenBy: undefined };
  /** Holders reported by the channel since the newest request began. */
  #reported: (string | null)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The renewal in flight. */
  #renewal: Promise<void> = Promise.resolve();

  constructor(client: RcspClient) {
    super();
    this.#client = client;
  }

  /** Subscribes. */
  start(): void {
    this.#stops.push(
      this.#client.on('state', () => this.#schedule()),
      this.#client.subscribe(GATEWAY_CHANNELS.lease, {}, ({ event }) => {
        const state = stateOf(event['EventData']);
        if (state !== undefined) this.#onReport(state);
      }),
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops.splice(0)) stop();
  }

  readonly snapshot = (): LeaseState => this.#news;

  /** The gateway says that this page holds the lease: from before it was loaded anew, or in another tab. */
  adopt(holder: string): void {
    if (this.#news.ownName !== undefined) return;
    this.#set({
      ownName: holder,
      takenBy: undefined,
      ...(this.#news.state?.holder !== holder && { state: { holder, expiresAt: null } }),
    });
  }

  /** @throws RcspError `Busy` when another client holds it and `isTakeover` is false */
  readonly take = async (isTakeover: boolean): Promise<void> => {
    const reported = this.#trackReports();
    const state = await post(isTakeover);
    const { holder } = state;
    if (holder === null) return;
    if (reported.length === 0) return this.#set({ state, ownName: holder, takenBy: undefined });
    const newest = reported.at(-1);
    const isLost = reported.includes(holder) && newest !== holder;
    this.#set(
      isLost ? { ownName: undefined, takenBy: newest ?? 'nobody' } : { ownName: holder, takenBy: undefined },
    );
  };

  readonly release = async (): Promise<void> => {
    const { ownName } = this.#news;
    // A renewal after the DELETE would take the lease again.
    this.#set({ ownName: undefined });
    await this.#renewal;
    const reported = this.#trackReports();
    try {
      await ask<unknown>('DELETE', 'v1/lease');
    } catch (error) {
      if (reported.length === 0 && this.#news.state?.holder === ownName) this.#set({ ownName });
      throw error;
    }
    if (reported.length === 0) this.#set({ state: { holder: null, expiresAt: null } });
  };

  #trackReports(): readonly (string | null)[] {
    this.#reported = [];
    return this.#reported;
  }

  #onReport(state: LeaseHolder): void {
    this.#reported.push(state.holder);
    const { ownName } = this.#news;
    const isOurs = state.holder === ownName;
    this.#set({
      state,
      ...(ownName !== undefined && !isOurs && { ownName: undefined, takenBy: state.holder ?? 'nobody' }),
    });
  }

  async #renew(): Promise<void> {
    const reported = this.#trackReports();
    try {
      const state = await post(false);
      if (reported.length === 0 && this.#news.ownName === state.holder) this.#set({ state });
    } catch (error) {
      if (reported.length > 0) return;
      const holder = error instanceof RcspError ? error.holder : undefined;
      if (holder === undefined) return this.#schedule();
      this.#set({ state: { holder, expiresAt: null }, ownName: undefined, takenBy: holder });
    }
  }

  /** Renewal retries need no limit: the channel reports the end of the lease. */
  #schedule(): void {
    clearTimeout(this.#timer);
    const { state, ownName } = this.#news;
    const isAway = this.#stops.length === 0 || this.#client.state !== 'open';
    if (isAway || ownName === undefined || state?.holder !== ownName) return;
    const left = ((state.expiresAt ?? 0) - Date.now()) / 3;
    this.#timer = setTimeout(
      () => void (this.#renewal = this.#renew()),
      Math.min(RENEW_MS.most, Math.max(RENEW_MS.least, left)),
    );
  }

  #set(changes: Partial<LeaseState>): void {
    this.#news = { ...this.#news, ...changes };
    this.#schedule();
    this.notify();
  }
}

async function post(isTakeover: boolean): Promise<LeaseHolder> {
  const state = stateOf(await ask<unknown>('POST', `v1/lease${isTakeover ? '?takeover=true' : ''}`));
  return state ?? { holder: null, expiresAt: null };
}

function stateOf(data: unknown): LeaseHolder | undefined {
  if (typeof data !== 'object' || data === null || !('holder' in data)) return undefined;
  const { holder, expiresAt }: { holder?: unknown; expiresAt?: unknown } = data;
  return {
    holder: typeof holder === 'string' ? holder : null,
    expiresAt: typeof expiresAt === 'number' ? expiresAt : null,
  };
}
