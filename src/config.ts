/**
 * Every setting, described once. The flags, the environment variables, the keys of the configuration file, the
 * type and the README's table are functions of this.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Where to connect or to listen. IPv6 literals are written in brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

interface Setting<T> {
  readonly description: string;
  /** What the value looks like in `--help`; absent for switches. */
  readonly placeholder?: string;
  /** As a user would write it. */
  readonly default: string | number | boolean;
  /** Takes what a flag or variable says (a string) and what JSON says. */
  readonly schema: z.ZodType<T>;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

function integer(min: number, max: number): z.ZodType<number> {
  const reason = `must be a whole number from ${min} to ${max}`;
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], { error: reason })
    .pipe(z.number().int(reason).min(min, reason).max(max, reason));
}

/** `minPort` 0 where any free port will do. */
function address(minPort: number): z.ZodType<Address> {
  const reason = `must be host:port, the port from ${minPort} to 65535`;
  return z.string({ error: reason }).transform((text, context) => {
    const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
    const host = bracketed ?? plain;
    const port = Number(digits);
    if (host !== undefined && port >= minPort && port <= 65535) return { host, port };
    context.addIssue({ code: 'custom', message: reason });
    return z.NEVER;
  });
}

const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')], {
  error: 'must be true or false',
});

function oneOf<const T extends readonly string[]>(values: T): z.ZodType<T[number]> {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

/** In the order of the README's table. Keys are those of the configuration file. */
export const SETTINGS = {
  rcsp: {
    description: 'The RCSP server: where the studio is.',
    placeholder: 'host:port',
    default: '127.0.0.1:45451',
    schema: address(1),
  },
  listen: {
    description: 'Where the gateway listens for HTTP. Port 0 picks a free one.',
    placeholder: 'host:port',
    default: '127.0.0.1:8080',
    schema: address(0),
  },
  noAuth: {
    description:
      'Let everybody who can reach the gateway command the studio. Needed to listen beyond loopback.',
    default: false,
    schema: flag,
  },
  simulate: {
    description: 'Run the built-in simulator and connect to it instead of `rcsp`.',
    default: false,
    schema: flag,
  },
  devices: {
    description: 'Devices of the built-in simulator.',
    placeholder: 'n',
    default: 4,
    schema: integer(0, 1000),
  },
  poolSize: {
    description: 'Connections for commands; one more carries events.',
    placeholder: 'n',
    default: 4,
    schema: integer(1, 64),
  },
  maxWaiting: {
    description: 'Commands waiting for the studio at once; one more is refused with `Too busy`.',
    placeholder: 'n',
    default: 1000,
    schema: integer(1, 1_000_000),
  },
  maxTimeout: {
    description: 'The longest that a command may take, in seconds, whatever `Prefer: wait` asks for.',
    placeholder: 'seconds',
    default: 600,
    schema: integer(1, 86_400),
  },
  connectTimeout: {
    description: 'How long one attempt to connect to the studio may take, in milliseconds.',
    placeholder: 'ms',
    default: 5000,
    schema: integer(10, 600_000),
  },
  maxPayload: {
    description: 'The largest RCSP payload taken from the studio, in bytes.',
    placeholder: 'bytes',
    default: 16_777_216,
    schema: integer(1024, 1_073_741_824),
  },
  bodyLimit: {
    description: 'The largest HTTP request body, in bytes.',
    placeholder: 'bytes',
    default: 1_048_576,
    schema: integer(1024, 1_073_741_824),
  },
  historyEvents: {
    description: 'The newest events kept of each channel.',
    placeholder: 'n',
    default: 1000,
    schema: integer(1, 1_000_000),
  },
  historyBytes: {
    description: 'The bytes of the newest events kept of each channel.',
    placeholder: 'bytes',
    default: 1_048_576,
    schema: integer(1024, 1_073_741_824),
  },
  linger: {
    description:
      'How long a channel stays subscribed at the studio after its last listener left, in seconds.',
    placeholder: 'seconds',
    default: 5,
    schema: integer(0, 86_400),
  },
  clientBuffer: {
    description:
      'The bytes that may wait for one event client; beyond, its oldest events are dropped and told as a `gap`.',
    placeholder: 'bytes',
    default: 1_048_576,
    schema: integer(16_384, 1_073_741_824),
  },
  maxClients: {
    description: 'Event clients at once, WebSocket and SSE together.',
    placeholder: 'n',
    default: 10_000,
    schema: integer(1, 1_000_000),
  },
  maxSubscriptions: {
    description: 'Channels and patterns that one client may subscribe to.',
    placeholder: 'n',
    default: 256,
    schema: integer(1, 100_000),
  },
  pingInterval: {
    description:
      'How often an event client is pinged, in seconds; one that answers none for twice as long is ended.',
    placeholder: 'seconds',
    default: 15,
    schema: integer(1, 3600),
  },
  stallTimeout: {
    description: 'How long an event client may take nothing of what waits for it, in seconds.',
    placeholder: 'seconds',
    default: 30,
    schema: integer(1, 3600),
  },
  grace: {
    description: 'How long a shutdown waits for what is in flight, in seconds.',
    placeholder: 'seconds',
    default: 10,
    schema: integer(0, 600),
  },
  logLevel: {
    description: `How much to log: ${LOG_LEVELS.join(', ')}. Events are at \`debug\`.`,
    placeholder: 'level',
    default: 'info',
    schema: oneOf(LOG_LEVELS),
  },
  logFormat: {
    description: 'How to log, on standard error: json, pretty, or auto (pretty on a terminal).',
    placeholder: 'format',
    default: 'auto',
    schema: oneOf(LOG_FORMATS),
  },
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;
export type Config = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };

/** Values by setting, as a flag or a file gives them. */
export type Values = Readonly<Record<string, unknown>>;

/** A setting that cannot be honoured; the message is one line and names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

export function settingOf(name: SettingName): Setting<unknown> {
  return SETTINGS[name];
}

/** `poolSize` → `--pool-size` */
export function flagOf(name: string): string {
  return `--${kebab(name)}`;
}

/** `poolSize` → `RCSP_GATEWAY_POOL_SIZE` */
export function variableOf(name: string): string {
  return `RCSP_GATEWAY_${kebab(name).replaceAll('-', '_').toUpperCase()}`;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * The configuration from flags, then environment, then file, then defaults: the first that says something wins.
 *
 * @param flags what the command line said, by setting; a `config` names the file
 * @throws ConfigError naming the first bad setting and where it was said
 */
export function loadConfig(flags: Values, env: NodeJS.ProcessEnv): Config {
  const said = flags['config'] ?? nonEmpty(env[variableOf('config')]);
  const path = typeof said === 'string' ? said : undefined;
  const file = path === undefined ? {} : readConfigFile(path);
  const pairs = SETTING_NAMES.map((name) => {
    const variable = variableOf(name);
    const fromEnv = nonEmpty(env[variable]);
    if (flags[name] !== undefined) return [name, parseSetting(name, flags[name], flagOf(name))];
    if (fromEnv !== undefined) return [name, parseSetting(name, fromEnv, variable)];
    if (file[name] !== undefined) return [name, parseSetting(name, file[name], `"${name}" in ${path ?? ''}`)];
    return [name, parseSetting(name, settingOf(name).default, 'default')];
  });
  return checked(Object.fromEntries(pairs) as Config);
}

/** A variable set to nothing says nothing, as in a compose file's `X=${X:-}`. */
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function parseSetting(name: SettingName, said: unknown, where: string): unknown {
  const parsed = settingOf(name).schema.safeParse(said);
  if (parsed.success) return parsed.data;
  const reason = parsed.error.issues[0]?.message ?? 'is not valid';
  throw new ConfigError(`${where} ${reason}, not ${JSON.stringify(said)}`);
}

function readConfigFile(path: string): Values {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
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

/** Rules between settings. */
function checked(config: Config): Config {
  if (!isLoopback(config.listen.host) && !config.noAuth) {
    throw new ConfigError(
      `--listen ${formatAddress(config.listen)} would open the studio to the network; add --no-auth if that is meant`,
    );
  }
  return config;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The README's table of settings. */
export function settingsTable(): string {
  const rows = SETTING_NAMES.map((name) => {
    const { default: value, description, placeholder } = settingOf(name);
    const usage = placeholder === undefined ? flagOf(name) : `${flagOf(name)} ${placeholder}`;
    return `| \`${usage}\` | \`${variableOf(name)}\` | \`${name}\` | \`${String(value)}\` | ${description} |`;
  });
  const head = '| flag | environment | key in the file | default | what it does |\n|---|---|---|---|---|';
  return [head, ...rows].join('\n');
}
