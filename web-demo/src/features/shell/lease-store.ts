import { Store } from '../../lib/store.js';
import { GATEWAY_CHANNELS } from '../../../../src/wire/gateway-channels.js';
import { RcspError } from '../../../../src/client/index.js';
import type { RcspClient } from '../../../../src/client/index.js';
import { ask } from '../../lib/gateway.js';

interface LeaseState {
  /** Null while nobody has it. */
  readonly holder: string | null;
  /** Milliseconds since 1970, by the gateway's clock. */
  readonly expiresAt: number | null;
}

export interface LeaseNews {
  /** Undefined until the gateway has said. */
  readonly state: LeaseState | undefined;
  /** As what the gateway knows this page, while the page has the lease. */
  readonly ownName: string | undefined;
  /** Who took it from this page; undefined when nobody did. */
  readonly takenBy: string | undefined;
}

/** Longest and shortest time between renewals, whatever the clocks of tablet and gateway say. */
const RENEW_MS = { least: 300, most: 10_000 };

/**
 * Who has the control lease; kept for as long as the page has it. Every change of hands is told by the channel, so
 * what it told while an answer was on its way is newer than that answer, or the news of it follows.
 */
export class LeaseStore extends Store {
  readonly #client: RcspClient;
  readonly #stops: (() => void)[] = [];
  #news: LeaseNews = { state: undefined, ownName: undefined, takenBy: undefined };
  /** Holders that the channel has told of since the newest attempt began. */
  #told: (string | null)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The renewal that is on its way. */
  #renewal: Promise<void> = Promise.resolve();

  constructor(client: RcspClient) {
    super();
    this.#client = client;
  }

  /** Begins to listen. */
  start(): void {
    this.#stops.push(
      this.#client.on('state', () => this.#schedule()),
      this.#client.subscribe(GATEWAY_CHANNELS.lease, {}, ({ event }) => {
        const state = stateOf(event['EventData']);
        if (state !== undefined) this.#onTold(state);
      }),
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops.splice(0)) stop();
  }

  readonly snapshot = (): LeaseNews => this.#news;

  /** @throws RcspError `Busy` when somebody else has it and is not to lose it */
  readonly take = async (isTakeover: boolean): Promise<void> => {
    const told = this.#listen();
    const state = await post(isTakeover);
    const { holder } = state;
    if (holder === null) return;
    if (told.length === 0) return this.#set({ state, ownName: holder, takenBy: undefined });
    const newest = told.at(-1);
    const isLost = told.includes(holder) && newest !== holder;
    this.#set(
      isLost ? { ownName: undefined, takenBy: newest ?? 'nobody' } : { ownName: holder, takenBy: undefined },
    );
  };

  readonly release = async (): Promise<void> => {
    const { ownName } = this.#news;
    // No renewal may reach the gateway after this.
    this.#set({ ownName: undefined });
    await this.#renewal;
    const told = this.#listen();
    try {
      await ask<unknown>('DELETE', 'v1/lease');
    } catch (error) {
      if (told.length === 0 && this.#news.state?.holder === ownName) this.#set({ ownName });
      throw error;
    }
    if (told.length === 0) this.#set({ state: { holder: null, expiresAt: null } });
  };

  #listen(): readonly (string | null)[] {
    this.#told = [];
    return this.#told;
  }

  #onTold(state: LeaseState): void {
    this.#told.push(state.holder);
    const { ownName } = this.#news;
    const isOurs = state.holder === ownName;
    this.#set({
      state,
      ...(ownName !== undefined && !isOurs && { ownName: undefined, takenBy: state.holder ?? 'nobody' }),
    });
  }

  async #renew(): Promise<void> {
    const told = this.#listen();
    try {
      const state = await post(false);
      if (told.length === 0 && this.#news.ownName === state.holder) this.#set({ state });
    } catch (error) {
      if (told.length > 0) return;
      const holder = error instanceof RcspError ? error.holder : undefined;
      if (holder === undefined) return this.#schedule();
      this.#set({ state: { holder, expiresAt: null }, ownName: undefined, takenBy: holder });
    }
  }

  /** The channel tells when renewing has failed for good: the lease ends. */
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

  #set(news: Partial<LeaseNews>): void {
    this.#news = { ...this.#news, ...news };
    this.#schedule();
    this.notify();
  }
}

async function post(isTakeover: boolean): Promise<LeaseState> {
  const state = stateOf(await ask<unknown>('POST', `v1/lease${isTakeover ? '?takeover=true' : ''}`));
  return state ?? { holder: null, expiresAt: null };
}

function stateOf(data: unknown): LeaseState | undefined {
  if (typeof data !== 'object' || data === null || !('holder' in data)) return undefined;
  const { holder, expiresAt }: { holder?: unknown; expiresAt?: unknown } = data;
  return {
    holder: typeof holder === 'string' ? holder : null,
    expiresAt: typeof expiresAt === 'number' ? expiresAt : null,
  };
}
