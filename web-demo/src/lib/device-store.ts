import { Store } from './store.js';
import { GATEWAY_CHANNELS } from '../../../src/wire/gateway-channels.js';
import { RcspError } from '../../../src/client/index.js';
import type { RcspClient } from '../../../src/client/index.js';
import { ask } from './gateway.js';

/** One device as the page knows it; what is not known yet is undefined. Times are milliseconds since 1970. */
export interface DeviceCard {
  readonly id: number;
  readonly type: string;
  readonly connection: string;
  readonly updatable: boolean;
  readonly bootloader: boolean;
  readonly name: string | undefined;
  readonly firmware: string | undefined;
  /** When it was last heard of. */
  readonly lastSeen: number | undefined;
  /** The last calibration that the gateway remembers, since the device connected. */
  readonly calibrated: Calibration | undefined;
  /** When it went away; undefined while it is there. */
  readonly goneSince: number | undefined;
}

export interface Calibration {
  readonly at: number;
  readonly success: boolean;
}

/** What an event says about a device. */
interface News {
  readonly topic: string;
  readonly id: number | undefined;
  readonly success: boolean;
  readonly at: number;
}

/** Topics after which the studio's list is another. */
const ARRIVALS = new Set(['Connected', 'Initialized', 'BootloaderConnected', 'BootloaderDisconnected']);
const GONE = new Set(['Disconnected', 'Destroyed']);
const EVENTS = ['DeviceEvents/*', 'devices/*/DeviceEvents/*'];
/** Pause after the studio failed to answer, although it is there. */
const RETRY_MS = 1000;
/** Questions about devices that are on their way at once: others have some, too. */
const MAX_QUESTIONS = 8;

/** The devices, kept live from events: the list is asked for when an event says that it changed, never by the clock. */
export class DeviceStore extends Store {
  readonly #client: RcspClient;
  readonly #stops: (() => void)[] = [];
  #devices: ReadonlyMap<number, DeviceCard> = new Map();
  #snapshot: readonly DeviceCard[] | undefined;
  /** By number; also of devices that nobody has listed yet. */
  readonly #calibrations = new Map<number, Calibration>();
  #problem: unknown;
  #isStudioThere = false;
  #isAsking = false;
  /** `performance.now()` of the first failure since the list was read, or since the studio came. */
  #failingSince: number | undefined;
  /** Counts how often the list was to be asked for. */
  #wanted = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(client: RcspClient) {
    super();
    this.#client = client;
  }

  /** Begins to listen. */
  start(): void {
    const onVisible = (): void => {
      if (document.visibilityState === 'visible') void this.refresh();
    };
    // No event tells of a name that was given elsewhere.
    document.addEventListener('visibilitychange', onVisible);
    this.#stops.push(() => document.removeEventListener('visibilitychange', onVisible));
    for (const channel of EVENTS) {
      const off = this.#client.subscribe(channel, {}, ({ event, receivedAt }) =>
        this.#onNews(newsOf(event.Topic, event.EventData, receivedAt)),
      );
      this.#stops.push(off);
      // What came before the subscription is in the list only.
      void off.ready.then(
        () => void this.refresh(),
        () => undefined,
      );
    }
    this.#stops.push(
      this.#client.subscribe(GATEWAY_CHANNELS.upstream, {}, ({ event: { EventData: data } }) => {
        const isBack =
          typeof data === 'object' && data !== null && 'state' in data && data.state === 'connected';
        this.#isStudioThere = isBack;
        this.#failingSince = undefined;
        void this.refresh();
      }),
      this.#client.on('state', ({ state }) => {
        if (state !== 'open') return;
        this.#failingSince = undefined;
        void this.refresh();
      }),
      this.#client.on('gap', ({ channel }) => {
        if (channel.includes('DeviceEvents/')) void this.refresh();
      }),
    );
    void this.#recall();
  }

  stop(): void {
    clearTimeout(this.#retry);
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** By number; undefined until the studio has been asked. The same array until something changes. */
  readonly snapshot = (): readonly DeviceCard[] | undefined => this.#snapshot;

  /** Why the list could not be read the last time, although the studio was there; undefined when it could. */
  readonly problem = (): unknown => this.#problem;

  /** A name that was just given; the studio publishes no event for it. */
  renamed(id: number, name: string): void {
    this.#update(id, { name });
  }

  /** Asks the studio again; one question at a time. */
  async refresh(): Promise<void> {
    if (!this.#isStudioThere) return; // its return asks
    this.#wanted += 1;
    if (this.#isAsking) return;
    clearTimeout(this.#retry);
    this.#isAsking = true;
    try {
      for (let asked = -1; asked !== this.#wanted;) {
        asked = this.#wanted;
        await this.#read();
      }
    } catch (error) {
      this.#onFailure(error);
    } finally {
      this.#isAsking = false;
    }
  }

  /** The page's banner tells when the gateway or the studio is away; their return asks again. */
  #onFailure(error: unknown): void {
    if (this.#client.state !== 'open' || !this.#isStudioThere) return;
    this.#failingSince ??= performance.now();
    // The gateway may be a moment later than its word that the studio is there: the retry tells.
    const isEarly = performance.now() - this.#failingSince < RETRY_MS;
    if (!(isEarly && error instanceof RcspError && error.status === 503)) this.#fail(error);
    this.#retry = setTimeout(() => void this.refresh(), RETRY_MS);
  }

  #fail(problem: unknown): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.notify();
  }

  async #read(): Promise<void> {
    const { Devices } = await this.#client.call('ListDevices', {});
    this.#failingSince = undefined;
    this.#fail(undefined);
    const now = Date.now();
    const found = new Map(this.#devices);
    for (const { DeviceId: id, DeviceType, ConnectionType, Updatable, IsBootloader } of Devices) {
      const known = found.get(id);
      found.set(id, {
        ...(known ?? { name: undefined, firmware: undefined, lastSeen: now }),
        calibrated: this.#calibrations.get(id),
        id,
        type: DeviceType,
        connection: ConnectionType,
        updatable: Updatable,
        bootloader: IsBootloader,
        goneSince: undefined,
      });
    }
    const present = new Set(Devices.map(({ DeviceId }) => DeviceId));
    for (const [id, device] of found) {
      if (!present.has(id) && device.goneSince === undefined) found.set(id, { ...device, goneSince: now });
    }
    this.#set(found);
    const queue = [...present];
    const ask = async (): Promise<void> => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) await this.#describe(id);
    };
    await Promise.all(Array.from({ length: MAX_QUESTIONS / 2 }, ask));
  }

  /** A device may refuse some of it: what it does not tell stays unknown. */
  async #describe(id: number): Promise<void> {
    const [name, info] = await Promise.allSettled([
      this.#client.call('GetDeviceName', { DeviceId: id }),
      this.#client.call('GetDeviceInfo', { DeviceId: id }),
    ]);
    const isHeard = name.status === 'fulfilled' || info.status === 'fulfilled';
    this.#update(id, {
      ...(isHeard && { lastSeen: Date.now() }),
      ...(name.status === 'fulfilled' && { name: name.value.DeviceName }),
      ...(info.status === 'fulfilled' && { firmware: versionText(info.value.FwVersion) }),
    });
  }

  /** What happened before the page was opened, as far as the gateway remembers it. */
  async #recall(): Promise<void> {
    const topics = ['Calibrated', 'Connected'].map((topic) => historyOf(`DeviceEvents/${topic}`));
    const past = (await Promise.all(topics)).flat().sort((a, b) => a.at - b.at);
    const remembered = new Map<number, Calibration>();
    for (const { topic, id, success, at } of past) {
      if (id === undefined) continue;
      if (topic === 'Calibrated') remembered.set(id, { at, success });
      else remembered.delete(id);
    }
    for (const [id, calibrated] of remembered) {
      if (this.#calibrations.has(id)) continue;
      this.#calibrations.set(id, calibrated);
      this.#update(id, { calibrated });
    }
  }

  #onNews({ topic, id, success, at }: News): void {
    if (id !== undefined) {
      if (topic === 'Calibrated') this.#calibrations.set(id, { at, success });
      // A device that was switched off has forgotten it.
      if (topic === 'Connected') this.#calibrations.delete(id);
      const known = this.#devices.get(id);
      this.#update(id, {
        lastSeen: Math.max(at, known?.lastSeen ?? 0),
        calibrated: this.#calibrations.get(id),
        ...(GONE.has(topic) && { goneSince: known?.goneSince ?? at }),
      });
    }
    if (ARRIVALS.has(topic) || GONE.has(topic)) void this.refresh();
  }

  #update(id: number, news: Partial<DeviceCard>): void {
    const known = this.#devices.get(id);
    if (known !== undefined) this.#set(new Map(this.#devices).set(id, { ...known, ...news }));
  }

  #set(devices: ReadonlyMap<number, DeviceCard>): void {
    this.#devices = devices;
    this.#snapshot = [...devices.values()].sort((a, b) => a.id - b.id);
    this.notify();
  }
}

/** Nothing where the gateway remembers nothing, or is away. */
async function historyOf(channel: string): Promise<News[]> {
  try {
    const { events } = await ask<{
      events: { event: { Topic: string; EventData: unknown }; receivedAt: number }[];
    }>('GET', `v1/history?channel=${encodeURIComponent(channel)}&limit=1000`);
    return events.map(({ event, receivedAt }) => newsOf(event.Topic, event.EventData, receivedAt));
  } catch {
    return [];
  }
}

function newsOf(topic: string, data: unknown, at: number): News {
  const { DeviceId: id, EventSuccess: outcome }: { DeviceId?: unknown; EventSuccess?: unknown } =
    typeof data === 'object' && data !== null ? data : {};
  return { topic, id: typeof id === 'number' ? id : undefined, success: outcome !== 'Failure', at };
}

export function versionText(version: {
  Major: number;
  Minor: number;
  Patch?: number | null | undefined;
  Build?: number | null | undefined;
}): string {
  return [version.Major, version.Minor, version.Patch, version.Build]
    .filter((part) => part != null)
    .join('.');
}
