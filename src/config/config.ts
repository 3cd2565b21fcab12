/** The configuration: what was said, where, and the rules between settings. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { isLoopbackName } from '../access/names.js';
import { bracketed, formatAddress } from '../util/address.js';
import { defaultTokenFile, TokenFileError, tokenFileWarning } from '../access/token-file.js';
import { TokenStore } from '../access/token-store.js';
import { readTextFile, TextEncodingError } from '../util/text-file.js';
import { flagOf, kebab, settingOf, SETTING_NAMES, variableOf } from './settings.js';
import { readStudiosFile } from './studios-file.js';
import type { StudiosFile } from './studios-file.js';
import type { StudioAddress } from './setting-values.js';
import { readTls, TlsFileError } from './tls-files.js';
import { readTurnSecret, TurnSecretError } from './turn-secret.js';
import type { SettingName, SettingValues } from './settings.js';

/**
 * `off`: nobody is asked. `offered`: who comes without a token may do everything, who comes with one may do what
 * that says. `required`: nobody comes in without.
 */
export type AuthMode = 'off' | 'offered' | 'required';

export interface Config extends Omit<SettingValues, 'tokens' | 'stateFolder' | 'studio' | 'defaultStudio'> {
  /** Those of `--studio`, or `--rcsp`; those of the file come and go. */
  readonly studios: readonly StudioAddress[];
  /** Undefined for the first one. */
  readonly defaultStudio: string | undefined;
  /** Where tokens are kept. */
  readonly tokens: string;
  /** It need not exist. */
  readonly stateFolder: string;
  readonly auth: AuthMode;
}

/** The name of a studio that was given none. */
const DEFAULT_STUDIO = 'studio';

/** Values by setting, as a flag or a file gives them. */
export type Values = Readonly<Record<string, unknown>>;

/** A setting that cannot be honoured; the message is one line and names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * The configuration from flags, then environment, then file, then defaults: the first that says something wins.
 *
 * @param flags what the command line said, by setting; a `config` names the file
 * @throws ConfigError naming the first bad setting and where it was said
 */
export function loadConfig(flags: Values, env: NodeJS.ProcessEnv): Config {
  const { values, isSaid } = readSettings(flags, env);
  return checked(values, isSaid, env);
}

interface ReadSettings {
  readonly values: SettingValues;
  /** The settings that are not at their defaults for want of a word. */
  readonly isSaid: ReadonlySet<SettingName>;
}

/** Each setting for itself, without the rules between them. @throws ConfigError */
export function readSettings(flags: Values, env: NodeJS.ProcessEnv): ReadSettings {
  const said = flags['config'] ?? nonEmpty(env[variableOf('config')]);
  const path = typeof said === 'string' ? said : undefined;
  const file = path === undefined ? {} : readConfigFile(path);
  const isSaid = new Set<SettingName>(SETTING_NAMES);
  const pairs = SETTING_NAMES.map((name) => {
    const variable = variableOf(name);
    const fromEnv = nonEmpty(env[variable]);
    if (flags[name] !== undefined) return [name, parseSetting(name, flags[name], flagOf(name))];
    if (fromEnv !== undefined) return [name, parseSetting(name, fromEnv, variable)];
    if (file[name] !== undefined) return [name, parseSetting(name, file[name], `"${name}" in ${path ?? ''}`)];
    isSaid.delete(name);
    return [name, parseSetting(name, settingOf(name).default, 'default')];
  });
  return { values: Object.fromEntries(pairs) as SettingValues, isSaid };
}

/** A variable set to nothing says nothing, as in a compose file's `X=${X:-}`. */
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function parseSetting(name: SettingName, said: unknown, where: string): unknown {
  const { schema, isSecret = false } = settingOf(name);
  const parsed = schema.safeParse(said);
  if (parsed.success) return parsed.data;
  const reason = parsed.error.issues[0]?.message ?? 'is not valid';
  throw new ConfigError(`${where} ${reason}${isSecret ? '' : `, not ${JSON.stringify(said)}`}`);
}

function readConfigFile(path: string): Values {
  let json: unknown;
  try {
    json = JSON.parse(readTextFile(path));
  } catch (error) {
    if (error instanceof TextEncodingError) throw new ConfigError(`--config ${path} ${error.message}`);
    throw new ConfigError(`--config ${path} cannot be read: ${(error as Error).message.split('\n')[0]}`);
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(json);
  if (!parsed.success) throw new ConfigError(`--config ${path} must hold a JSON object`);
  const names = new Map(
    SETTING_NAMES.flatMap((name) => [[name as string, name] as const, [kebab(name), name] as const]),
  );
  const entries = Object.entries(parsed.data).map(([key, value]) => {
    const name = names.get(key);
    if (name === undefined) throw new ConfigError(`"${key}" in ${path} is not a setting`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}

/** Rules between settings. A security setting that cannot be honoured stops the start. */
function checked(values: SettingValues, isSaid: ReadonlySet<SettingName>, env: NodeJS.ProcessEnv): Config {
  const tokens = values.tokens ?? defaultTokenFile(env);
  const stateFolder = values.stateFolder ?? defaultStateFolder(env);
  const { studio: _, ...others } = values;
  const config: Config = {
    ...others,
    ...studiosOf(values, isSaid),
    tokens,
    stateFolder,
    auth: authModeOf(values),
  };
  if (config.auth !== 'off') checkTokens(config, values.tokens !== null);
  if ((config.tlsCert === null) !== (config.tlsKey === null)) {
    throw new ConfigError('--tls-cert and --tls-key need each other');
  }
  asConfigError(() => readTls(config));
  checkTurn(config);
  return config;
}

function studiosOf(
  values: SettingValues,
  isSaid: ReadonlySet<SettingName>,
): Pick<Config, 'studios' | 'defaultStudio'> {
  if (values.edge) return studiosOfEdge(values);
  const { rcsp, simulate, studio, studiosFile } = values;
  if (studio.length > 0 && isSaid.has('rcsp'))
    throw new ConfigError('--rcsp and --studio contradict each other: name that studio, too');
  const isAlone = studio.length === 0 && studiosFile === null;
  const studios = isAlone ? [{ name: DEFAULT_STUDIO, address: simulate ? null : rcsp }] : studio;
  const file = studiosFile === null ? undefined : readStudios(studiosFile);
  const all = joined(studios, file?.studios ?? []);
  const unplaced = all.find(({ address }) => address === null);
  if (!simulate && unplaced !== undefined) {
    throw new ConfigError(
      `--studio ${unplaced.name} needs its address, ${unplaced.name}=host:port, or --simulate`,
    );
  }
  const defaultStudio = values.defaultStudio ?? file?.defaultStudio;
  if (all.length === 0) throw new ConfigError(`--studios-file ${studiosFile ?? ''} names no studio`);
  if (defaultStudio !== undefined && !all.some(({ name }) => name === defaultStudio)) {
    const names = all.map(({ name }) => name).join(', ');
    throw new ConfigError(`--default-studio ${defaultStudio} is none of the studios: ${names}`);
  }
  return { studios, defaultStudio: values.defaultStudio ?? undefined };
}

/** Names alone: the studios to take of those that origins publish. */
function studiosOfEdge({
  nats,
  simulate,
  studio,
  studiosFile,
  defaultStudio,
}: SettingValues): Pick<Config, 'studios' | 'defaultStudio'> {
  if (nats.length === 0) throw new ConfigError('--edge needs --nats: where its studios are');
  if (simulate) throw new ConfigError('--edge and --simulate contradict each other');
  if (studiosFile !== null) throw new ConfigError('--edge and --studios-file contradict each other');
  const placed = studio.find(({ address }) => address !== null);
  if (placed !== undefined)
    throw new ConfigError(`--edge takes names: --studio ${placed.name} without an address`);
  return { studios: studio, defaultStudio: defaultStudio ?? undefined };
}

function readStudios(path: string): StudiosFile {
  try {
    return readStudiosFile(path);
  } catch (error) {
    throw new ConfigError(`--studios-file ${path} ${(error as Error).message}`);
  }
}

/** The studios of both places. @throws ConfigError when a name is in both */
export function joined(
  studios: readonly StudioAddress[],
  others: readonly StudioAddress[],
): readonly StudioAddress[] {
  const twice = others.find((each) => studios.some(({ name }) => name === each.name));
  if (twice !== undefined)
    throw new ConfigError(`--studios-file and --studio both name the studio ${twice.name}`);
  return [...studios, ...others];
}

function defaultStateFolder(env: NodeJS.ProcessEnv): string {
  const { XDG_STATE_HOME: xdg, LOCALAPPDATA: appData } = env;
  const folder = xdg || (process.platform === 'win32' && appData) || join(homedir(), '.local', 'state');
  return join(folder, 'rcsp-gateway');
}

function authModeOf({ noAuth, tokens, tokenHashes, listen }: SettingValues): AuthMode {
  const hasTokens = tokens !== null || tokenHashes.length > 0;
  if (noAuth && hasTokens) {
    throw new ConfigError(
      `--no-auth and --${tokens === null ? 'token-hashes' : 'tokens'} contradict each other`,
    );
  }
  if (noAuth) return 'off';
  return !hasTokens && isLoopback(listen.host) ? 'offered' : 'required';
}

function checkTokens({ auth, tokens, tokenHashes, listen }: Config, isSaid: boolean): void {
  if (asConfigError(() => new TokenStore(tokens, tokenHashes)).hasValid(Date.now()) || auth === 'offered')
    return;
  const why = isSaid
    ? `--tokens ${tokens} holds no valid token`
    : `--listen ${formatAddress(listen)} would open the studio to the network`;
  throw new ConfigError(
    `${why}: make one with "rcsp-gateway token create --name NAME --scope control", ` +
      'or let everybody in with --no-auth',
  );
}

function checkTurn({ iceServer, turnSecretFile }: Config): void {
  const turn = iceServer.find((url) => /^turns?:/i.test(url));
  if (turn !== undefined && turnSecretFile === null) {
    throw new ConfigError(`--ice-server ${turn} needs --turn-secret-file, the secret of the TURN server`);
  }
  if (turnSecretFile !== null) asConfigError(() => readTurnSecret(turnSecretFile));
}

/** What a file of tokens or a certificate is refused for is told like any other bad setting. */
function asConfigError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TokenFileError) throw new ConfigError(`--tokens ${error.message}`);
    if (error instanceof TlsFileError || error instanceof TurnSecretError)
      throw new ConfigError(error.message);
    throw error;
  }
}

/** What an operator should know of files that are taken all the same. */
export function fileWarnings({ auth, tokens }: Config): readonly string[] {
  const warning = auth === 'off' ? undefined : tokenFileWarning(tokens);
  return warning === undefined ? [] : [`--tokens ${warning}`];
}

export function isLoopback(host: string): boolean {
  return isLoopbackName(bracketed(host));
}
