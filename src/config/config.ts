/** The configuration: what was said, where, and the rules between settings. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isLoopbackName } from '../access/names.js';
import { bracketed, formatAddress } from '../util/address.js';
import { defaultTokenFile, TokenFileError, tokenFileWarning } from '../access/token-file.js';
import { TokenStore } from '../access/token-store.js';
import { joinTokenWarning, readJoinToken } from './join-token.js';
import { ConfigError } from './config-error.js';
import { loadSettings } from './load-settings.js';
import type { Values } from './load-settings.js';
import { SETTINGS } from './settings.js';
import type { SettingValues } from './settings.js';
import { readStudiosFile } from './studios-file.js';
import type { StudiosFile } from './studios-file.js';
import type { StudioAddress } from './setting-values.js';
import { readTls, TlsFileError } from './tls-files.js';
import { readTurnSecret, TurnSecretError } from './turn-secret.js';

export { ConfigError };
export type { Values };

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
  readonly isSaid: ReadonlySet<string>;
}

/** Each setting for itself, without the rules between them. @throws ConfigError */
export function readSettings(flags: Values, env: NodeJS.ProcessEnv): ReadSettings {
  const { values, said } = loadSettings(SETTINGS, flags, env);
  return { values: values as SettingValues, isSaid: said };
}

/** Rules between settings. A security setting that cannot be honoured stops the start. */
function checked(values: SettingValues, isSaid: ReadonlySet<string>, env: NodeJS.ProcessEnv): Config {
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
  else if (config.relay !== null) asConfigError(() => new TokenStore(tokens));
  if ((config.tlsCert === null) !== (config.tlsKey === null)) {
    throw new ConfigError('--tls-cert and --tls-key need each other');
  }
  asConfigError(() => readTls(config));
  checkTurn(config);
  checkRelay(config);
  return config;
}

function checkRelay({ relay, relayName, relayTokenFile }: Config): void {
  if (relay === null && relayName === null && relayTokenFile === null) return;
  if (relay === null || relayName === null || relayTokenFile === null)
    throw new ConfigError('--relay, --relay-name and --relay-token-file need each other');
  try {
    readJoinToken(relayTokenFile);
  } catch (error) {
    throw new ConfigError(`--relay-token-file ${(error as Error).message}`);
  }
}

function studiosOf(
  values: SettingValues,
  isSaid: ReadonlySet<string>,
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
export function fileWarnings(config: Config): readonly string[] {
  const { auth, tokens, relayTokenFile } = config;
  const warning = auth === 'off' ? undefined : tokenFileWarning(tokens);
  const joinWarning = relayTokenFile === null ? undefined : joinTokenWarning(relayTokenFile);
  return [
    ...(warning === undefined ? [] : [`--tokens ${warning}`]),
    ...(joinWarning === undefined ? [] : [`--relay-token-file ${joinWarning}`]),
    ...relayWarnings(config),
  ];
}

function relayWarnings({ relay, tokens, tokenHashes }: Config): readonly string[] {
  if (relay === null) return [];
  const isPlain = relay.protocol === 'http:' && !isLoopback(relay.hostname);
  const hasTokens = new TokenStore(tokens, tokenHashes).hasValid(Date.now());
  return [
    ...(isPlain ? [`--relay ${relay.href} is not encrypted: tokens can be read on the way`] : []),
    ...(hasTokens
      ? []
      : [
          'nobody can use the API through the relay without a token: "rcsp-gateway token create --name NAME --scope control" makes one',
        ]),
  ];
}

export function isLoopback(host: string): boolean {
  return isLoopbackName(bracketed(host));
}
