import { Store } from './store.js';
import { GATEWAY_CHANNELS } from '../../../src/wire/gateway-channels.js';
import { RcspError } from '../../../src/client/index.js';
import type { RcspClient } from '../../../src/client/index.js';
import type { Calibration, DeviceCard } from './known-device.js';
import { describeDevice } from './device-description.js';
import { changeOf, deviceEventOf, readHistory } from './device-events.js';
import type { DeviceEvent } from './device-events.js';
import { keepDevices, recallDevice, recallDevices } from './kept-devices.js';

export type { Calibration, DeviceCard } from './known-device.js';

/** Topics that change the studio's list. */
const LIST_CHANGES = new Set(['Connected', 'Initialized', 'BootloaderConnected', 'BootloaderDisconnected']);
const GONE = new Set(['Disconnected', 'Destroyed']);
const EVENTS = ['DeviceEvents/*', 'devices/*/DeviceEvents/*'];
/** Commands that change what a card shows, and what no event reports. */
const CARD_CHANGES = new Set(['SetDeviceName', 'SetEmfChannel', 'SetProductionInfo']);
/** Delay after a failed read while the studio is connected. */
const RETRY_MS = 1000;
/** Bound of devices that are asked about at a time, with up to four requests each: the gateway's connections are shared. */
const MAX_ASKED = 4;
/** Minimum time between two updates of the views: at first every device answers several questions. */
const RENDER_MS = 16;

/** The devices. The list is read when an event reports a change, never by polling. */
export class DeviceStore extends Store {
  readonly #client: RcspClient;
  readonly #stops: (() => void)[] = [];
  #devices: ReadonlyMap<number, DeviceCard> = new Map();
  #snapshot: readonly DeviceCard[] | undefined;
  /** By device id; also of devices that are not in the list yet. */
  readonly #calibrations = new Map<number, Calibration>();
  /** By device id; when it last connected. */
  readonly #connects = new Map<number, number>();
  /** By type: asked of one device of it. */
  readonly #commands = new Map<string, ReadonlySet<string>>();
  /** Types of which a device has been asked for its commands. */
  readonly #askedTypes = new Set<string>();
  /** Devices that have answered since the studio connected or the page was shown. */
  readonly #heard = new Set<number>();
  #problem: unknown;
  /** Undefined until the gateway has told it: the list is asked for meanwhile. */
  #isStudioThere: boolean | undefined;
  #isReading = false;
  /** The devices are those of an earlier page. */
  #isRecalled = false;
  /** `performance.now()` of the first failure since the last success or the studio's last connect. */
  #failingSince: number | undefined;
  /** Counts calls of `refresh`. */
  #requestedReads = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #render: ReturnType<typeof setTimeout> | undefined;

  constructor(client: RcspClient) {
    super();
    this.#client = client;
  }

  /** Subscribes and reads. */
  start(): void {
    const onVisible = (): void => {
      if (document.visibilityState === 'visible') void this.refresh();
    };
    // A change at the studio itself is not reported.
    document.addEventListener('visibilitychange', onVisible);
    this.#stops.push(() => document.removeEventListener('visibilitychange', onVisible));
    for (const channel of EVENTS) {
      const off = this.#client.subscribe(channel, {}, ({ event, receivedAt }) =>
        this.#onEvent(deviceEventOf(event.Topic, event.EventData, receivedAt)),
      );
      this.#stops.push(off);
      // Only the list reports changes from before the subscription.
      void off.ready.then(
        () => void this.#refreshList(),
        () => undefined,
      );
    }
    this.#stops.push(
      this.#client.subscribe(GATEWAY_CHANNELS.upstream, {}, ({ event: { EventData: data } }) => {
        const isBack =
          typeof data === 'object' && data !== null && 'state' in data && data.state === 'connected';
        const isAsked =
          this.#isStudioThere === undefined && (this.#isReading || this.#snapshot !== undefined);
        this.#isStudioThere = isBack;
        this.#failingSince = undefined;
        if (!isBack && this.#snapshot === undefined) this.#recall();
        if (isBack && this.#isRecalled) this.#doubt();
        if (!isAsked) void this.refresh();
      }),
      this.#client.on('state', ({ state }) => {
        if (state !== 'open') return;
        this.#failingSince = undefined;
        void this.refresh();
      }),
      this.#client.on('gap', ({ channel }) => {
        if (channel.includes('DeviceEvents/') || channel === GATEWAY_CHANNELS.changes) void this.refresh();
      }),
      this.#client.subscribe(GATEWAY_CHANNELS.changes, {}, ({ event }) => {
        const change = changeOf(event['EventData']);
        if (change === undefined || !CARD_CHANGES.has(change.command)) return;
        void this.#describe(change.deviceId).then(() => keepDevices(this.#devices.values()));
      }),
    );
    void this.#readHistory();
  }

  stop(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#render);
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** By number; undefined until the studio has been asked. The same array until something changes. */
  readonly snapshot = (): readonly DeviceCard[] | undefined => this.#snapshot;

  /** Why the list could not be read the last time, although the studio was there; undefined when it could. */
  readonly problem = (): unknown => this.#problem;

  /** A name that this page has set; the studio publishes no event for it. */
  renamed(id: number, name: string): void {
    this.#update(id, { name });
    keepDevices(this.#devices.values());
  }

  /** Reads the list, and asks every device again. */
  refresh(): Promise<void> {
    this.#heard.clear();
    return this.#refreshList();
  }

  /** Asks devices that have not answered yet. A call during a read makes that read run once more. */
  async #refreshList(): Promise<void> {
    if (this.#isStudioThere === false) return; // its reconnect refreshes
    this.#requestedReads += 1;
    if (this.#isReading) return;
    clearTimeout(this.#retry);
    this.#isReading = true;
    try {
      for (let asked = -1; asked !== this.#requestedReads;) {
        asked = this.#requestedReads;
        await this.#read();
      }
    } catch (error) {
      this.#onFailure(error);
    } finally {
      this.#isReading = false;
    }
  }

  /** While the gateway or the studio is away, the banner tells it, and the reconnect refreshes. */
  #onFailure(error: unknown): void {
    if (this.#client.state !== 'open' || this.#isStudioThere !== true) return;
    this.#failingSince ??= performance.now();
    // The gateway may answer 503 shortly after it reports the studio as connected: the retry decides.
    const isEarly = performance.now() - this.#failingSince < RETRY_MS;
    if (!(isEarly && error instanceof RcspError && error.status === 503)) this.#setProblem(error);
    this.#retry = setTimeout(() => void this.refresh(), RETRY_MS);
  }

  #setProblem(problem: unknown): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.notify();
  }

  async #read(): Promise<void> {
    const { Devices } = await this.#client.call('ListDevices', {});
    this.#failingSince = undefined;
    this.#setProblem(undefined);
    const now = Date.now();
    // Nobody waits for those that were only remembered.
    const found = this.#isRecalled ? new Map<number, DeviceCard>() : new Map(this.#devices);
    for (const { DeviceId: id, DeviceType, ConnectionType, Updatable, IsBootloader } of Devices) {
      const known = this.#devices.get(id);
      found.set(id, {
        ...(known ?? { ...UNKNOWN, ...recallDevice(DeviceType, id), lastSeen: now }),
        ...this.#historyOf(id),
        commands: this.#commands.get(DeviceType),
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
    this.#isRecalled = false;
    this.#set(found);
    const queue = [...present].filter((id) => !this.#heard.has(id));
    const describeNext = async (): Promise<void> => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) await this.#describe(id);
    };
    await Promise.all(Array.from({ length: MAX_ASKED }, describeNext));
    keepDevices(this.#devices.values());
  }

  /** A page that is loaded while the studio is away begins with what this browser saw last. */
  #recall(): void {
    const devices = recallDevices().map((device) => ({ ...device, ...this.#historyOf(device.id) }));
    this.#isRecalled = devices.length > 0;
    if (this.#isRecalled) this.#set(new Map(devices.map((device) => [device.id, device])));
  }

  /** Nothing is called ready by what was only remembered. */
  #doubt(): void {
    const devices = [...this.#devices].map(
      ([id, device]) => [id, { ...device, isDescribed: false }] as const,
    );
    this.#set(new Map(devices));
  }

  #historyOf(id: number): Pick<DeviceCard, 'calibrated' | 'connectedAt'> {
    return { calibrated: this.#calibrations.get(id), connectedAt: this.#connects.get(id) };
  }

  async #describe(id: number): Promise<void> {
    const [description] = await Promise.all([describeDevice(this.#client, id), this.#readCommands(id)]);
    const known = this.#devices.get(id);
    if (known === undefined) return;
    const isHeard = Object.keys(description).length > 0;
    if (isHeard) this.#heard.add(id);
    this.#update(id, { ...description, isDescribed: true, ...(isHeard && { lastSeen: Date.now() }) });
  }

  /** Of one device of each type; in its bootloader a device offers others. */
  async #readCommands(id: number): Promise<void> {
    const device = this.#devices.get(id);
    if (device === undefined || device.bootloader || this.#askedTypes.has(device.type)) return;
    const { type } = device;
    this.#askedTypes.add(type);
    try {
      const { DeviceCommands } = await this.#client.call('ListDeviceCommands', { DeviceId: id });
      this.#commands.set(type, new Set(DeviceCommands.map(({ Command }) => Command)));
    } catch {
      this.#askedTypes.delete(type); // the next device of it, or the next read, is asked
      return;
    }
    const commands = this.#commands.get(type);
    const devices = [...this.#devices].map(
      ([key, each]) => [key, each.type === type ? { ...each, commands } : each] as const,
    );
    this.#set(new Map(devices));
  }

  /** Reads calibrations from before the page was opened, as far as the gateway's history reaches. */
  async #readHistory(): Promise<void> {
    const past = await readHistory(['Calibrated', 'Connected']);
    const remembered = new Map<number, Calibration>();
    for (const { topic, id, success, at } of past) {
      if (id === undefined) continue;
      if (topic === 'Calibrated') remembered.set(id, { at, success });
      else {
        remembered.delete(id);
        this.#connects.set(id, Math.max(at, this.#connects.get(id) ?? 0));
        this.#update(id, { connectedAt: this.#connects.get(id) });
      }
    }
    for (const [id, calibrated] of remembered) {
      if (this.#calibrations.has(id)) continue;
      this.#calibrations.set(id, calibrated);
      this.#update(id, { calibrated });
    }
  }

  #onEvent({ topic, id, success, at }: DeviceEvent): void {
    if (id !== undefined) {
      if (topic === 'Calibrated') this.#calibrations.set(id, { at, success });
      // A device loses its calibration when it is switched off.
      if (topic === 'Connected') {
        this.#calibrations.delete(id);
        this.#connects.set(id, at);
      }
      const known = this.#devices.get(id);
      this.#update(id, {
        lastSeen: Math.max(at, known?.lastSeen ?? 0),
        calibrated: this.#calibrations.get(id),
        connectedAt: this.#connects.get(id),
        ...(GONE.has(topic) && { goneSince: known?.goneSince ?? at }),
      });
    }
    if (!LIST_CHANGES.has(topic) && !GONE.has(topic)) return;
    if (id === undefined) void this.refresh();
    else {
      this.#heard.delete(id);
      void this.#refreshList();
    }
  }

  #update(id: number, changes: Partial<DeviceCard>): void {
    const known = this.#devices.get(id);
    if (known !== undefined) this.#set(new Map(this.#devices).set(id, { ...known, ...changes }));
  }

  #set(devices: ReadonlyMap<number, DeviceCard>): void {
    this.#devices = devices;
    this.#snapshot = [...devices.values()].sort((a, b) => a.id - b.id);
    this.#render ??= setTimeout(() => {
      this.#render = undefined;
      this.notify();
    }, RENDER_MS);
  }
}

const UNKNOWN = {
  isDescribed: false,
  name: undefined,
  firmware: undefined,
  side: undefined,
  gloves: undefined,
  emfChannel: undefined,
};
