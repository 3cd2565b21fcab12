/** `--studios-file`: studios that come and go while the gateway runs. */
import { z } from 'zod';
import { readTextFile } from '../util/text-file.js';
import { studioList, studioName } from './setting-values.js';
import type { StudioAddress } from './setting-values.js';

export interface StudiosFile {
  readonly studios: readonly StudioAddress[];
  /** Undefined where the file names none. */
  readonly defaultStudio: string | undefined;
}

const Listed = z.union([
  z.record(z.string(), z.string()).transform((all) => Object.entries(all).map((each) => each.join('='))),
  z.array(z.string()),
  z
    .array(z.strictObject({ name: z.string(), address: z.string() }))
    .transform((all) => all.map(({ name, address }) => `${name}=${address}`)),
]);
const File = z.strictObject({ studios: Listed, default: studioName.optional() });

/** @throws Error, whose message begins with what is wrong with the file */
export function readStudiosFile(path: string): StudiosFile {
  let json: unknown;
  try {
    json = JSON.parse(readTextFile(path));
  } catch (error) {
    throw new Error(`cannot be read: ${(error as Error).message.split('\n')[0]}`, { cause: error });
  }
  const file = File.safeParse(json);
  if (!file.success) throw new Error('must hold {"studios": {"name": "host:port"}}');
  const { studios: texts, default: defaultStudio } = file.data;
  if (texts.length === 0) return { studios: [], defaultStudio };
  const studios = studioList.safeParse(texts);
  if (!studios.success) throw new Error(studios.error.issues[0]?.message ?? 'is not valid');
  return { studios: studios.data, defaultStudio };
}
