/** What an origin tells of its studio: one retained message, from which edges know commands, devices and places. */
import { z } from 'zod';
import { CURSOR_TEXT } from '../../wire/cursor.js';

/** Places that are told at most. */
export const MAX_PLACES = 4096;

export const STUDIO_STATES = ['connecting', 'connected', 'disconnected'] as const;

/** Answers of the studio to its listing commands, as it gave them. */
const listing = z.unknown();

export const studioMeta = z.object({
  studio: z.string(),
  /** Of the gateway that is the origin. */
  version: z.string(),
  /** With which the epochs of this origin's cursors begin; another one after a restart. */
  epoch: z.string(),
  state: z.enum(STUDIO_STATES),
  simulated: z.boolean(),
  /** Whether commands of the scopes control and admin need the control lease. */
  hasLease: z.boolean(),
  /** Entries of `ListDevices`. */
  devices: z.array(z.unknown()),
  catalogue: z.object({
    Info: listing,
    ListCommands: listing,
    ListPublishers: listing,
    ListErrorCodes: listing,
    ListDevices: listing,
    /** By `DeviceId`. */
    devices: z.record(z.string(), z.object({ ListDeviceCommands: listing, ListPublishers: listing })),
  }),
  /** The place of each channel when this was told, `epoch:seq`. */
  cursors: z.record(z.string(), z.string().regex(CURSOR_TEXT)),
});
export type StudioMeta = z.output<typeof studioMeta>;

/** What of it is known without the publisher. */
export type StudioDescription = Omit<StudioMeta, 'studio' | 'version' | 'epoch' | 'cursors'>;

/** As JSON within the server's limit: what devices can do is left out first. Undefined when it does not fit even then. */
export function writeMeta(
  meta: StudioMeta,
  maxBytes: number,
): { readonly bytes: Buffer; readonly isCut: boolean } | undefined {
  const whole = Buffer.from(JSON.stringify(meta));
  if (whole.length <= maxBytes) return { bytes: whole, isCut: false };
  const cut = Buffer.from(JSON.stringify({ ...meta, catalogue: { ...meta.catalogue, devices: {} } }));
  return cut.length <= maxBytes ? { bytes: cut, isCut: true } : undefined;
}

/** Undefined for what no origin wrote. */
export function parseMeta(text: string): StudioMeta | undefined {
  try {
    return studioMeta.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
