/** Who wears what, as the user arranged it. Pure. */

export interface Performer {
  readonly name: string;
  /** Ids, in order. */
  readonly devices: readonly number[];
}

export interface Layout {
  readonly performers: readonly Performer[];
}

export const NO_LAYOUT: Layout = { performers: [] };
const MAX_PERFORMERS = 100;
const MAX_NAME = 60;

/** Why something is no layout, as a sentence. */
export class LayoutError extends Error {
  override readonly name = 'LayoutError';
}

/** @throws LayoutError */
export function layoutOf(value: unknown): Layout {
  if (typeof value !== 'object' || value === null || !('performers' in value)) {
    throw new LayoutError('It has no list of performers.');
  }
  if ('v' in value && value.v !== 1) {
    throw new LayoutError(`It has version ${String(value.v)}; this page reads version 1.`);
  }
  const { performers } = value;
  if (!Array.isArray(performers)) throw new LayoutError('Its performers are not a list.');
  return checked(performers.map((each: unknown) => performerOf(each)));
}

/** Reads an exported file. @throws LayoutError */
export function layoutFromFile(text: string): Layout {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LayoutError('It is not JSON.');
  }
  return layoutOf(value);
}

/** What is exported, and kept. */
export function fileOf({ performers }: Layout): string {
  return JSON.stringify({ v: 1, performers }, null, 2);
}

/** Reads `Anna:1,2,3;Ben:4,5` of an address. @throws LayoutError */
export function layoutFromAddress(text: string): Layout {
  const parts = text.split(';').filter((part) => part.trim() !== '');
  return checked(
    parts.map((part) => {
      const [, name, list] = /^([^:]+):([\d,]*)$/.exec(part) ?? [];
      if (name === undefined || list === undefined) {
        throw new LayoutError(`“${part}” is not of the form Anna:1,2,3.`);
      }
      const devices = list
        .split(',')
        .filter((id) => id !== '')
        .map(Number);
      return performerOf({ name: unescaped(name), devices });
    }),
  );
}

export function addressOf({ performers }: Layout): string {
  return performers.map(({ name, devices }) => `${escaped(name)}:${devices.join(',')}`).join(';');
}

/** Moves a device to a performer, or to none. */
export function moved({ performers }: Layout, deviceId: number, to: string | undefined): Layout {
  const others = performers.map(({ name, devices }) => ({
    name,
    devices: devices.filter((id) => id !== deviceId),
  }));
  return {
    performers: others.map((each) =>
      each.name === to ? { ...each, devices: [...each.devices, deviceId] } : each,
    ),
  };
}

function performerOf(value: unknown): Performer {
  if (typeof value !== 'object' || value === null) throw new LayoutError('A performer is not an object.');
  const { name, devices }: { name?: unknown; devices?: unknown } = value;
  if (typeof name !== 'string' || name.trim() === '') throw new LayoutError('A performer has no name.');
  if (name.length > MAX_NAME) throw new LayoutError(`A name is longer than ${MAX_NAME} characters.`);
  if (!Array.isArray(devices) || !devices.every(isId)) {
    throw new LayoutError(`The devices of ${name} are not a list of numbers.`);
  }
  return { name: name.trim(), devices };
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function checked(performers: readonly Performer[]): Layout {
  if (performers.length > MAX_PERFORMERS)
    throw new LayoutError(`It has more than ${MAX_PERFORMERS} performers.`);
  const wearers = new Map<number, string>();
  const names = new Set<string>();
  for (const { name, devices } of performers) {
    if (names.has(name)) throw new LayoutError(`Two performers are called ${name}.`);
    names.add(name);
    for (const id of devices) {
      const other = wearers.get(id);
      if (other !== undefined) throw new LayoutError(`Device ${id} belongs to ${other} and to ${name}.`);
      wearers.set(id, name);
    }
  }
  return { performers };
}

/** What separates the parts of an address. */
function escaped(name: string): string {
  return name.replace(/[%:;]/g, (char) => encodeURIComponent(char));
}

function unescaped(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
