/** The studio's listings, read as far as they make sense: one odd entry must not hide the others. */
import { z } from 'zod';
import type { ArgumentsSchema } from '../../catalog/define.js';

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
  /** `performance.now()` at which the server started; negative for one that is older than the gateway. */
  readonly startedAt: number | undefined;
}

export interface Publisher {
  readonly publisher: string;
  readonly topics: readonly string[];
}

/** Entries that are read at most; what is beyond is left out. */
export const LISTING_LIMITS = {
  Devices: 1000,
  /** In one table. */
  Commands: 2000,
  DeviceCommands: 2000,
  ErrorCodes: 2000,
  Publishers: 10_000,
} as const;
export type CutListing = keyof typeof LISTING_LIMITS;

const MAX_ARGUMENTS = 200;
const MAX_TOPICS = 10_000;

const listOf = <T extends z.ZodType>(item: T, limit: number): z.ZodType<z.output<T>[]> =>
  z
    .array(z.unknown())
    .catch([])
    .transform((all) => all.slice(0, limit).flatMap((each) => item.safeParse(each).data ?? []));

/** A number, also where the studio writes it as text. */
const DeviceNumber = z.union([
  z.number(),
  z
    .string()
    .regex(/^(?:0|[1-9]\d{0,14})$/)
    .transform(Number),
]);

const ArgumentDescription = z.object({
  Name: z.string().min(1),
  Info: z.string().catch(''),
  Type: z.string().catch(''),
  Optional: z.boolean().catch(false),
});
const CommandDescription = z.object({
  Command: z.string().min(1),
  Version: z.number().catch(1),
  Info: z.string().catch(''),
  Args: listOf(ArgumentDescription, MAX_ARGUMENTS),
});
const PublisherTopics = z.object({ Publisher: z.string(), Topics: listOf(z.string(), MAX_TOPICS) });
const Listing = z.object({
  Commands: listOf(CommandDescription, LISTING_LIMITS.Commands),
  DeviceCommands: listOf(CommandDescription, LISTING_LIMITS.DeviceCommands),
  Devices: listOf(z.object({ DeviceId: DeviceNumber }), LISTING_LIMITS.Devices),
  ErrorCodes: listOf(z.string(), LISTING_LIMITS.ErrorCodes),
  Publishers: listOf(PublisherTopics, LISTING_LIMITS.Publishers),
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

/** By name. */
export type CommandTable = ReadonlyMap<string, DescribedCommand>;

export type Listing = z.output<typeof Listing>;

/** @param onCut hears of a list that is longer than what is read of it */
export function parseListing(response: unknown, onCut: (listing: CutListing) => void): Listing {
  if (typeof response !== 'object' || response === null || Array.isArray(response)) return Listing.parse({});
  for (const [key, list] of Object.entries(response)) {
    if (isLimited(key) && Array.isArray(list) && list.length > LISTING_LIMITS[key]) onCut(key);
  }
  return Listing.parse(response);
}

function isLimited(key: string): key is CutListing {
  return Object.hasOwn(LISTING_LIMITS, key);
}

export function publishersOf({ Publishers }: Listing): readonly Publisher[] {
  return Publishers.map(({ Publisher, Topics }) => ({ publisher: Publisher, topics: Topics }));
}

export function infoOf(response: unknown): StudioInfo | undefined {
  const parsed = Info.safeParse(response);
  if (!parsed.success) return undefined;
  const { UpTimeSecs, GitSha, SystemName, AppVersion } = parsed.data;
  return {
    version: AppVersion,
    gitSha: GitSha,
    systemName: SystemName,
    startedAt: UpTimeSecs === undefined ? undefined : performance.now() - UpTimeSecs * 1000,
  };
}

export function tableOf(
  listed: readonly z.output<typeof CommandDescription>[],
  target: 'server' | 'device',
): CommandTable {
  const table = new Map<string, DescribedCommand>();
  for (const { Command, Version, Info: info, Args } of listed) {
    // A command may be listed once per version.
    if ((table.get(Command)?.version ?? 0) >= Version) continue;
    table.set(Command, new ListedCommand(Command, Version, info, target, Args));
  }
  return table;
}

/** Makes its schema when somebody asks: most of what a thousand devices list is never called. */
class ListedCommand implements DescribedCommand {
  #schema: ArgumentsSchema | undefined;

  constructor(
    readonly name: string,
    readonly version: number,
    readonly info: string,
    readonly target: 'server' | 'device',
    readonly args: readonly z.output<typeof ArgumentDescription>[],
  ) {}

  get arguments(): ArgumentsSchema {
    return (this.#schema ??= schemaOf(this.args));
  }
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
