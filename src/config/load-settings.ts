/** The values of settings: from flags, then environment, then file, then defaults: the first that says something wins. */
import { z } from 'zod';
import { readTextFile, TextEncodingError } from '../util/text-file.js';
import { ConfigError } from './config-error.js';
import { flagOf, kebab, variableOf } from './setting-names.js';
import type { Setting } from './settings.js';

/** Values by setting, as a flag or a file gives them. */
export type Values = Readonly<Record<string, unknown>>;

export type SettingTable = Readonly<Record<string, Setting<unknown>>>;

export interface LoadedSettings {
  /** What each setting's schema makes of it. */
  readonly values: Values;
  /** Those that are no defaults. */
  readonly said: ReadonlySet<string>;
}

/**
 * @param flags what the command line said, by setting; a `config` names the file
 * @throws ConfigError naming the first bad setting and where it was said
 */
export function loadSettings(table: SettingTable, flags: Values, env: NodeJS.ProcessEnv): LoadedSettings {
  const said = flags['config'] ?? nonEmpty(env[variableOf('config')]);
  const path = typeof said === 'string' ? said : undefined;
  const file = path === undefined ? {} : readConfigFile(path, Object.keys(table));
  const isSaid = new Set(Object.keys(table));
  const pairs = Object.entries(table).map(([name, setting]) => {
    const variable = variableOf(name);
    const fromEnv = nonEmpty(env[variable]);
    if (flags[name] !== undefined) return [name, parseSetting(setting, flags[name], flagOf(name))];
    if (fromEnv !== undefined) return [name, parseSetting(setting, fromEnv, variable)];
    if (file[name] !== undefined)
      return [name, parseSetting(setting, file[name], `"${name}" in ${path ?? ''}`)];
    isSaid.delete(name);
    return [name, parseSetting(setting, setting.default, 'default')];
  });
  return { values: Object.fromEntries(pairs) as Values, said: isSaid };
}

/** A variable set to nothing says nothing, as in a compose file's `X=${X:-}`. */
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function parseSetting({ schema, isSecret }: Setting<unknown>, said: unknown, where: string): unknown {
  const parsed = schema.safeParse(said);
  if (parsed.success) return parsed.data;
  const reason = parsed.error.issues[0]?.message ?? 'is not valid';
  throw new ConfigError(`${where} ${reason}${isSecret === true ? '' : `, not ${JSON.stringify(said)}`}`);
}

function readConfigFile(path: string, known: readonly string[]): Values {
  let json: unknown;
  try {
    json = JSON.parse(readTextFile(path));
  } catch (error) {
    if (error instanceof TextEncodingError) throw new ConfigError(`--config ${path} ${error.message}`);
    throw new ConfigError(`--config ${path} cannot be read: ${(error as Error).message.split('\n')[0]}`);
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(json);
  if (!parsed.success) throw new ConfigError(`--config ${path} must hold a JSON object`);
  const names = new Map(known.flatMap((name) => [[name, name] as const, [kebab(name), name] as const]));
  const entries = Object.entries(parsed.data).map(([key, value]) => {
    const name = names.get(key);
    if (name === undefined) throw new ConfigError(`"${key}" in ${path} is not a setting`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}
