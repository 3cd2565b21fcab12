/**
 * What the connected studio itself says it can do. The catalog knows the specification; this knows the server
 * that is there: commands that no table knows, newer versions, publishers, error codes, devices.
 */
import { commandByName } from '../../catalog/index.js';
import { PUBLISHERS } from '../../catalog/rcsp/publishers.js';
import { RejectedError } from '../../errors/errors.js';
import { channelName, devicePrefix, splitChannel } from '../../wire/channel-pattern.js';
import { infoOf, LISTING_LIMITS, parseListing, publishersOf, tableOf } from './listings.js';
import type { CommandTable, DescribedCommand, Listing, Publisher, StudioInfo } from './listings.js';

/** Asks the studio one of its listing commands; the `Response`. */
export type Ask = (name: string, args?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** What is to be read, from the least to the most; each includes those before it. */
const PARTS = ['publishers', 'devices', 'all'] as const;
type Part = (typeof PARTS)[number];

/** Channels that wildcards can stand for at most. */
const MAX_OFFERS = 10_000;
/** Commands that are kept of all devices together. */
const MAX_DEVICE_COMMANDS = 50_000;

/** Names of commands whose descriptions are remembered. */
const MAX_FOUND = 1000;

/** What the specification names, for studios that do not list it. */
const SPECIFIED = {
  server: PUBLISHERS.filter(({ target }) => target === 'server').map(specified),
  device: PUBLISHERS.filter(({ target }) => target === 'device').map(specified),
};

export interface DiscoveryOptions {
  readonly ask: Ask;
  readonly onFault: (name: string, error: unknown) => void;
  /** A list is longer than what is kept of it. Told each time. */
  readonly onCut: (what: string, limit: number) => void;
}

interface DiscoveredDevice {
  readonly commands: CommandTable;
  readonly publishers: readonly Publisher[];
}

/**
 * Holds what was learnt last, also while the studio is away. A listing that the studio refuses leaves its part
 * empty; nothing here ever fails a request.
 */
export class Discovery {
  readonly #options: DiscoveryOptions;
  #info: StudioInfo | undefined;
  #commands: CommandTable = new Map();
  #devices: ReadonlyMap<number, DiscoveredDevice> = new Map();
  /** The studio listed its devices, and has not refused to since. */
  #listsDevices = false;
  #publishers: readonly Publisher[] = [];
  #errorCodes: readonly string[] = [];
  /** By name, what some device of `#searched` says of a command; null when none does. */
  readonly #found = new Map<string, DescribedCommand | null>();
  #searched: ReadonlyMap<number, DiscoveredDevice> | undefined;
  #running: Promise<void> | undefined;
  #asking: Promise<unknown> = Promise.resolve();
  #again: Part | undefined;

  constructor(options: DiscoveryOptions) {
    this.#options = options;
  }

  get info(): StudioInfo | undefined {
    return this.#info;
  }

  get deviceIds(): readonly number[] {
    return [...this.#devices.keys()];
  }

  /** Undefined while the studio does not list its devices: nobody knows which there are. */
  get listedDevices(): ReadonlySet<number> | undefined {
    return this.#listsDevices ? new Set(this.#devices.keys()) : undefined;
  }

  /** The channels that wildcards stand for. Whoever lists no publishers is taken to have those of the specification. */
  get offers(): readonly string[] {
    const offers = new Set<string>();
    for (const channel of this.#channels()) {
      if (offers.size === MAX_OFFERS) {
        this.#options.onCut('channels', MAX_OFFERS);
        break;
      }
      // An empty or endless name cannot be subscribed to.
      if (splitChannel(channel) !== undefined) offers.add(channel);
    }
    return [...offers];
  }

  get publishers(): readonly Publisher[] {
    return this.#publishers;
  }

  /** What each device publishes. */
  get devicePublishers(): ReadonlyMap<number, readonly Publisher[]> {
    return new Map(Array.from(this.#devices, ([id, { publishers }]) => [id, publishers]));
  }

  get errorCodes(): readonly string[] {
    return this.#errorCodes;
  }

  /** Commands that the server lists and the catalog does not know, each name once. */
  get unlisted(): readonly DescribedCommand[] {
    const found = new Map<string, DescribedCommand>();
    for (const table of this.#tables()) {
      for (const each of table.values()) if (!commandByName.has(each.name)) found.set(each.name, each);
    }
    return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The description that holds for this device, or any that the server gives. */
  describe(name: string, deviceId?: unknown): DescribedCommand | undefined {
    const own = typeof deviceId === 'number' ? this.#devices.get(deviceId)?.commands.get(name) : undefined;
    if (own !== undefined) return own;
    return this.#commands.get(name) ?? this.#describedByADevice(name);
  }

  /** Remembered until the devices are read again, for every command asks. */
  #describedByADevice(name: string): DescribedCommand | undefined {
    if (this.#searched !== this.#devices) {
      this.#found.clear();
      this.#searched = this.#devices;
    }
    const known = this.#found.get(name);
    if (known !== undefined) return known === null ? undefined : known;
    let found: DescribedCommand | undefined;
    for (const { commands } of this.#devices.values()) found ??= commands.get(name);
    if (this.#found.size < MAX_FOUND) this.#found.set(name, found ?? null);
    return found;
  }

  /** 1 unless the server lists a newer version and the catalog knows it; for unknown commands, the server's. */
  versionOf(name: string, deviceId?: unknown): number {
    const listed = this.describe(name, deviceId)?.version ?? 1;
    return Math.max(1, Math.min(listed, commandByName.get(name)?.version ?? listed));
  }

  /**
   * Reads all listings; or the devices and what there is to hear; or only that, and the devices that are new.
   * While one reading runs, one more is kept waiting.
   */
  refresh(what: Part = 'all'): Promise<void> {
    if (this.#running !== undefined) {
      const waiting = this.#again === undefined ? 0 : PARTS.indexOf(this.#again);
      this.#again = PARTS[Math.max(waiting, PARTS.indexOf(what))];
      return this.#running;
    }
    this.#running = this.#refresh(what).finally(() => (this.#running = undefined));
    return this.#running;
  }

  *#channels(): Generator<string, void, undefined> {
    yield* channelsOf(orSpecified(this.#publishers, 'server'));
    for (const [id, { publishers }] of this.#devices)
      yield* channelsOf(orSpecified(publishers, 'device'), id);
  }

  #tables(): readonly CommandTable[] {
    return [this.#commands, ...Array.from(this.#devices.values(), ({ commands }) => commands)];
  }

  async #refresh(first: Part): Promise<void> {
    for (let what: Part | undefined = first; what !== undefined; what = this.#again) {
      this.#again = undefined;
      await Promise.all([
        what === 'all' ? this.#readStudio() : this.#readPublishers(),
        this.#readDevices(what === 'publishers'),
      ]);
    }
  }

  async #readStudio(): Promise<void> {
    const [info, commands, publishers, codes] = await Promise.all([
      this.#try('Info'),
      this.#list('ListCommands'),
      this.#list('ListPublishers'),
      this.#list('ListErrorCodes'),
    ]);
    this.#info = infoOf(info);
    this.#commands = tableOf(commands.Commands, 'server');
    this.#publishers = publishersOf(publishers);
    this.#errorCodes = codes.ErrorCodes;
  }

  /** A list that does not come leaves the last one. */
  async #readPublishers(): Promise<void> {
    const listed = await this.#try('ListPublishers');
    if (listed !== undefined) this.#publishers = publishersOf(this.#parse(listed));
  }

  /** `isBrief`: of a device that is known, only what it publishes. */
  async #readDevices(isBrief: boolean): Promise<void> {
    const listed = await this.#try('ListDevices');
    // That the studio did not answer does not mean that the devices are gone.
    if (listed === undefined) return;
    const read = this.#parse(listed).Devices.map(async ({ DeviceId: id }) => {
      const known = isBrief ? this.#devices.get(id) : undefined;
      return [id, await (known === undefined ? this.#readDevice(id) : this.#readAgain(id, known))] as const;
    });
    this.#devices = this.#bounded(await Promise.all(read));
    this.#listsDevices = true;
  }

  async #readDevice(DeviceId: number): Promise<DiscoveredDevice> {
    const [commands, publishers] = await Promise.all([
      this.#list('ListDeviceCommands', { DeviceId }),
      this.#list('ListPublishers', { DeviceId }),
    ]);
    return { commands: tableOf(commands.DeviceCommands, 'device'), publishers: publishersOf(publishers) };
  }

  async #readAgain(DeviceId: number, known: DiscoveredDevice): Promise<DiscoveredDevice> {
    const listed = await this.#try('ListPublishers', { DeviceId });
    return listed === undefined ? known : { ...known, publishers: publishersOf(this.#parse(listed)) };
  }

  async #list(name: string, args?: Readonly<Record<string, unknown>>): Promise<Listing> {
    return this.#parse(await this.#try(name, args));
  }

  #parse(response: unknown): Listing {
    return parseListing(response, (listing) => this.#options.onCut(listing, LISTING_LIMITS[listing]));
  }

  /** The commands of all devices together are bounded: those of the last ones are left out. */
  #bounded(devices: readonly (readonly [number, DiscoveredDevice])[]): ReadonlyMap<number, DiscoveredDevice> {
    let room = MAX_DEVICE_COMMANDS;
    return new Map(
      devices.map(([id, device]) => {
        room -= device.commands.size;
        if (room >= 0) return [id, device];
        this.#options.onCut('commands of all devices', MAX_DEVICE_COMMANDS);
        return [id, { ...device, commands: new Map() }];
      }),
    );
  }

  /** One question at a time: a studio that does not answer one must not have all connections waiting for it. */
  #try(name: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    const answer = this.#asking
      .then(() => this.#options.ask(name, args))
      .catch((error: unknown): undefined => {
        if (name === 'ListDevices' && error instanceof RejectedError) this.#listsDevices = false;
        this.#options.onFault(name, error);
      });
    this.#asking = answer;
    return answer;
  }
}

/** The channels of everything that a server or a device publishes. */
function channelsOf(publishers: readonly Publisher[], deviceId?: number): readonly string[] {
  const prefix = deviceId === undefined ? '' : devicePrefix(deviceId);
  return publishers.flatMap(({ publisher, topics }) =>
    topics.map((topic) => channelName(publisher, topic, prefix)),
  );
}

function specified({ name, topics }: (typeof PUBLISHERS)[number]): Publisher {
  return { publisher: name, topics };
}

function orSpecified(listed: readonly Publisher[], target: 'server' | 'device'): readonly Publisher[] {
  return listed.length > 0 ? listed : SPECIFIED[target];
}
