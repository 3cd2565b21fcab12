/**
 * What the connected studio itself says it can do. The catalog knows the specification; this knows the server
 * that is there: commands that no table knows, newer versions, publishers, error codes, devices.
 */
import { z } from 'zod';
import { commandByName } from '../../catalog/index.js';
import type { ArgumentsSchema } from '../../catalog/define.js';

/** Asks the studio one of its listing commands; the `Response`. */
export type Ask = (name: string, args?: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** A command as the server describes it (`rcsp_cmd_description`). */
export interface DescribedCommand {
  readonly name: string;
  readonly version: number;
  readonly info: string;
  readonly target: 'server' | 'device';
  readonly arguments: ArgumentsSchema;
}

export interface StudioInfo {
  readonly version: string | undefined;
  readonly gitSha: string | undefined;
  readonly systemName: string | undefined;
  /** Milliseconds since the epoch; from `UpTimeSecs`. */
  readonly startedAt: number | undefined;
}

export interface Publisher {
  readonly publisher: string;
  readonly topics: readonly string[];
}

// A listing is read as far as it makes sense: one odd entry must not hide the others.
const listOf = <T extends z.ZodType>(item: T): z.ZodType<z.output<T>[]> =>
  z
    .array(z.unknown())
    .catch([])
    .transform((all) => all.flatMap((each) => item.safeParse(each).data ?? []));

const ArgumentDescription = z.object({
  Name: z.string().min(1),
  Info: z.string().catch(''),
  Type: z.string().catch(''),
  Optional: z.boolean().catch(false),
});
const CommandDescriptions = listOf(
  z.object({
    Command: z.string().min(1),
    Version: z.number().catch(1),
    Info: z.string().catch(''),
    Args: listOf(ArgumentDescription),
  }),
);
const Listing = z.object({
  Commands: CommandDescriptions,
  DeviceCommands: CommandDescriptions,
  Devices: listOf(z.object({ DeviceId: z.number() })),
  ErrorCodes: listOf(z.string()),
  Publishers: listOf(z.object({ Publisher: z.string(), Topics: listOf(z.string()) })),
});
const Info = z.object({
  UpTimeSecs: z.number().optional().catch(undefined),
  GitSha: z.string().optional().catch(undefined),
  SystemName: z.string().optional().catch(undefined),
  AppVersion: z
    .object({
      Major: z.number(),
      Minor: z.number(),
      Patch: z.number().nullish(),
      Build: z.number().nullish(),
    })
    .transform(({ Major, Minor, Patch, Build }) =>
      [Major, Minor, Patch, Build].filter((n) => n != null).join('.'),
    )
    .optional()
    .catch(undefined),
});

/** What is to be read, from the least to the most; each includes those before it. */
const PARTS = ['publishers', 'devices', 'all'] as const;
type Part = (typeof PARTS)[number];

type CommandTable = ReadonlyMap<string, DescribedCommand>;

interface DiscoveredDevice {
  readonly commands: CommandTable;
  readonly publishers: readonly Publisher[];
}

/**
 * Holds what was learnt last, also while the studio is away. A listing that the studio refuses leaves its part
 * empty; nothing here ever fails a request.
 */
export class Discovery {
  readonly #ask: Ask;
  readonly #onFault: (name: string, error: unknown) => void;
  #info: StudioInfo | undefined;
  #commands: CommandTable = new Map();
  #devices: ReadonlyMap<number, DiscoveredDevice> = new Map();
  #publishers: readonly Publisher[] = [];
  #errorCodes: readonly string[] = [];
  #running: Promise<void> | undefined;
  #asking: Promise<unknown> = Promise.resolve();
  #again: Part | undefined;

  constructor(ask: Ask, onFault: (name: string, error: unknown) => void) {
    this.#ask = ask;
    this.#onFault = onFault;
  }

  get info(): StudioInfo | undefined {
    return this.#info;
  }

  get deviceIds(): readonly number[] {
    return [...this.#devices.keys()];
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
    for (const table of this.#tables()) {
      const found = table.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
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
    if (listed !== undefined) this.#publishers = publishersOf(parseListing(listed));
  }

  /** `isBrief`: of a device that is known, only what it publishes. */
  async #readDevices(isBrief: boolean): Promise<void> {
    const listed = await this.#try('ListDevices');
    // That the studio did not answer does not mean that the devices are gone.
    if (listed === undefined) return;
    const read = parseListing(listed).Devices.map(async ({ DeviceId: id }) => {
      const known = isBrief ? this.#devices.get(id) : undefined;
      return [id, await (known === undefined ? this.#readDevice(id) : this.#readAgain(id, known))] as const;
    });
    this.#devices = new Map(await Promise.all(read));
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
    return listed === undefined ? known : { ...known, publishers: publishersOf(parseListing(listed)) };
  }

  async #list(name: string, args?: Readonly<Record<string, unknown>>): Promise<z.output<typeof Listing>> {
    return parseListing(await this.#try(name, args));
  }

  /** One question at a time: a studio that does not answer one must not have all connections waiting for it. */
  #try(name: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    const answer = this.#asking
      .then(() => this.#ask(name, args))
      .catch((error: unknown): undefined => {
        this.#onFault(name, error);
      });
    this.#asking = answer;
    return answer;
  }
}

function parseListing(response: unknown): z.output<typeof Listing> {
  return Listing.parse(typeof response === 'object' && response !== null ? response : {});
}

function publishersOf({ Publishers }: z.output<typeof Listing>): readonly Publisher[] {
  return Publishers.map(({ Publisher, Topics }) => ({ publisher: Publisher, topics: Topics }));
}

function infoOf(response: unknown): StudioInfo | undefined {
  const parsed = Info.safeParse(response);
  if (!parsed.success) return undefined;
  const { UpTimeSecs, GitSha, SystemName, AppVersion } = parsed.data;
  return {
    version: AppVersion,
    gitSha: GitSha,
    systemName: SystemName,
    startedAt: UpTimeSecs === undefined ? undefined : Date.now() - UpTimeSecs * 1000,
  };
}

function tableOf(listed: z.output<typeof CommandDescriptions>, target: 'server' | 'device'): CommandTable {
  const table = new Map<string, DescribedCommand>();
  for (const { Command, Version, Info: info, Args } of listed) {
    // A command may be listed once per version.
    if ((table.get(Command)?.version ?? 0) >= Version) continue;
    table.set(Command, { name: Command, version: Version, info, target, arguments: schemaOf(Args) });
  }
  return table;
}

function schemaOf(args: readonly z.output<typeof ArgumentDescription>[]): ArgumentsSchema {
  return z.looseObject(Object.fromEntries(args.map((each) => [each.Name, fieldOf(each)])));
}

function fieldOf({ Type, Optional, Info: info }: z.output<typeof ArgumentDescription>): z.ZodType {
  const field = Object.hasOwn(FIELDS, Type) ? FIELDS[Type as keyof typeof FIELDS]() : z.unknown();
  return (Optional ? field.nullish() : field).describe(info);
}

/** The types of `rcsp_arg_description`; a type that is not among them is not checked. */
const FIELDS = {
  String: () => z.string(),
  Number: () => z.number(),
  Array: () => z.array(z.unknown()),
  Object: () => z.record(z.string(), z.unknown()),
  Boolean: () => z.boolean(),
} as const;
