import type { RcspClient } from '../../../src/client/index.js';
import { ask } from './gateway.js';
import { Store } from './store.js';

/** What a device reports that passes by itself. */
export const SIGNAL_KINDS = ['emf', 'gyr', 'acc', 'flip', 'coil', 'mapped'] as const;
export type SignalKind = (typeof SIGNAL_KINDS)[number];

export interface Press {
  readonly at: number;
  readonly kind: string;
}

/** What one device reported of late. Times are milliseconds since 1970. */
export interface Signals {
  /** When each kind was reported, oldest first, at most `MAX_TIMES`. */
  readonly times: Readonly<Partial<Record<SignalKind, readonly number[]>>>;
  readonly press: Press | undefined;
  /** The newest line of the device's log with the level Error. */
  readonly error: { readonly at: number; readonly text: string } | undefined;
}

export const MAX_TIMES = 99;
const NONE: Signals = { times: {}, press: undefined, error: undefined };
const TOPICS: Readonly<Record<string, SignalKind>> = {
  EmfSaturated: 'emf',
  GyrSaturated: 'gyr',
  AccSaturated: 'acc',
  FlipDecided: 'flip',
  CoilDetected: 'coil',
  Mapped: 'mapped',
};
/** Minimum time between two updates of the views: a device may report thousands of times a second. */
const RENDER_MS = 200;

/** What devices reported of late, by id: saturations, flips, coils, mappings, presses, errors. */
export class SignalStore extends Store {
  readonly #client: RcspClient;
  readonly #stops: (() => void)[] = [];
  #signals: ReadonlyMap<number, Signals> = new Map();
  #shown: ReadonlyMap<number, Signals> = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: RcspClient) {
    super();
    this.#client = client;
  }

  /** Subscribes, and reads what the gateway remembers. */
  start(): void {
    this.#stops.push(
      this.#client.subscribe('DeviceEvents/*', {}, ({ event, receivedAt }) =>
        this.#onSignal(event.Topic, event.EventData, receivedAt),
      ),
      this.#client.subscribe('devices/*/DeviceEvents/*', {}, ({ channel, event, receivedAt }) => {
        const id = deviceIn(channel);
        if (id !== undefined && event.Topic === 'ButtonPushed')
          this.#onPress(id, event.EventData, receivedAt);
      }),
      // Only the newest line is shown.
      this.#client.subscribe(
        'devices/*/DeviceLogs/Error',
        { mode: 'latest' },
        ({ channel, event, receivedAt }) => {
          const id = deviceIn(channel);
          if (id !== undefined)
            this.#change(id, { error: { at: receivedAt, text: logText(event.EventData) } });
        },
      ),
    );
    void this.#readHistory();
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops.splice(0)) stop();
  }

  readonly snapshot = (): ReadonlyMap<number, Signals> => this.#shown;

  #onSignal(topic: string, data: unknown, at: number): void {
    const kind = TOPICS[topic];
    const id = deviceOf(data);
    if (id === undefined) return;
    // A device that connects starts afresh.
    if (topic === 'Connected') return this.#change(id, NONE);
    if (kind === undefined) return;
    const { times } = this.#signals.get(id) ?? NONE;
    const list = [...(times[kind] ?? []), at].sort((a, b) => a - b).slice(-MAX_TIMES);
    this.#change(id, { times: { ...times, [kind]: list } });
  }

  #onPress(id: number, data: unknown, at: number): void {
    const kind =
      typeof data === 'object' && data !== null && 'ButtonPushType' in data
        ? String(data.ButtonPushType)
        : '';
    this.#change(id, { press: { at, kind } });
  }

  async #readHistory(): Promise<void> {
    const query = Object.keys(TOPICS).map((topic) => `channel=DeviceEvents/${topic}`);
    try {
      const { events } = await ask<{
        events: { event: { Topic: string; EventData: unknown }; receivedAt: number }[];
      }>('GET', `v1/history?${query.join('&')}&limit=200`);
      for (const { event, receivedAt } of events) this.#onSignal(event.Topic, event.EventData, receivedAt);
    } catch {
      // The gateway keeps no history or is away: what comes from now on is shown.
    }
  }

  #change(id: number, changes: Partial<Signals>): void {
    this.#signals = new Map(this.#signals).set(id, { ...(this.#signals.get(id) ?? NONE), ...changes });
    this.#timer ??= setTimeout(() => this.#show(), RENDER_MS);
  }

  #show(): void {
    this.#timer = undefined;
    this.#shown = this.#signals;
    this.notify();
  }
}

function deviceIn(channel: string): number | undefined {
  const [, id] = /^devices\/(\d+)\//.exec(channel) ?? [];
  return id === undefined ? undefined : Number(id);
}

function deviceOf(data: unknown): number | undefined {
  return typeof data === 'object' && data !== null && 'DeviceId' in data && typeof data.DeviceId === 'number'
    ? data.DeviceId
    : undefined;
}

function logText(data: unknown): string {
  return typeof data === 'object' && data !== null && 'LogMsg' in data && typeof data.LogMsg === 'string'
    ? data.LogMsg
    : JSON.stringify(data);
}
