/**
 * Every setting, described once. The flags, the environment variables, the keys of the configuration file, the
 * type and the table of docs/configuration.md are functions of this.
 */
import type { z } from 'zod';
import { LIGHT_SETTINGS } from './light-settings.js';
import { NATS_SETTINGS } from './nats-settings.js';
import { RELAY_SETTINGS } from './relay-settings.js';
import { RTC_SETTINGS } from './rtc-settings.js';
import { STUDIO_SETTINGS } from './studio-settings.js';
import {
  address,
  allowedHosts,
  allowedOrigins,
  flag,
  integer,
  oneOf,
  path,
  trustProxy,
} from './setting-values.js';
import { flagOf, variableOf } from './setting-names.js';
import { tokenHashes } from './token-hashes.js';
import type { Address } from './setting-values.js';

export type { Address };

export interface Setting<T> {
  readonly description: string;
  /** What the value looks like in `--help`; absent for switches. */
  readonly placeholder?: string;
  /** As a user would write it; null for none. */
  readonly default: string | number | boolean | null;
  /** What none stands for, in words. */
  readonly none?: string;
  /** A flag that may be repeated; commas part the values of a variable. */
  readonly isList?: true;
  /** What is refused is not quoted. */
  readonly isSecret?: true;
  /** Takes what a flag or variable says (a string) and what JSON says. */
  readonly schema: z.ZodType<T>;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

/** In the order of the table in docs/configuration.md. Keys are those of the configuration file. */
export const SETTINGS = {
  rcsp: {
    description: 'The RCSP server: where the studio is.',
    placeholder: 'host:port',
    default: '127.0.0.1:45451',
    schema: address(1),
  },
  ...STUDIO_SETTINGS,
  listen: {
    description:
      'Where the gateway listens for HTTP; `localhost` is 127.0.0.1 and, where there is IPv6, ::1. Port 0 picks a free one.',
    placeholder: 'host:port',
    default: 'localhost:8080',
    schema: address(0),
  },
  noAuth: {
    description:
      'Let everybody who can reach the gateway command the studio. Needed to listen beyond loopback.',
    default: false,
    schema: flag,
  },
  tokens: {
    description:
      'The file of tokens. Said outright, a token is needed on loopback too; other addresses always need one.',
    placeholder: 'file',
    default: null,
    none: '`rcsp-gateway/tokens.json` in `$XDG_CONFIG_HOME`, `~/.config` or `%APPDATA%`',
    schema: path,
  },
  tokenHashes: {
    description:
      'Tokens by their SHA-256, `name:scope:hash`, beside those of the file. A token is needed on loopback too.',
    placeholder: 'token',
    default: null,
    isList: true,
    isSecret: true,
    schema: tokenHashes,
  },
  tlsCert: {
    description: 'The certificate, PEM, with its chain: HTTPS instead of HTTP. Read anew when it changes.',
    placeholder: 'file',
    default: null,
    schema: path,
  },
  tlsKey: {
    description: "The certificate's key, PEM.",
    placeholder: 'file',
    default: null,
    schema: path,
  },
  allowedHost: {
    description:
      'A further name or address under which the gateway may be reached, beside loopback and the address it listens on; `*.local` is every name that ends so. Repeatable.',
    placeholder: 'name',
    default: null,
    isList: true,
    schema: allowedHosts,
  },
  allowedOrigin: {
    description:
      "An origin whose pages may use the gateway, beside the gateway's own; an app's too, such as `tauri://localhost`. Repeatable.",
    placeholder: 'origin',
    default: null,
    isList: true,
    schema: allowedOrigins,
  },
  trustProxy: {
    description:
      'Reverse proxies (addresses, networks; `loopback` when none is named) whose `X-Forwarded-For`, `-Host` and `-Proto` are believed.',
    placeholder: '[address]',
    default: null,
    isList: true,
    schema: trustProxy,
  },
  authRate: {
    description: 'Wrong tokens and tickets a minute from one address, before it gets `429`.',
    placeholder: 'n',
    default: 60,
    schema: integer(1, 1_000_000),
  },
  commandRate: {
    description:
      'Commands a second of one token (of one address, without tokens), before it gets `429`; 0 is no limit.',
    placeholder: 'n',
    default: 0,
    schema: integer(0, 1_000_000),
  },
  controlLease: {
    description:
      'Only who holds the control lease (`POST /v1/lease`) may send commands of the scopes control and admin.',
    default: false,
    schema: flag,
  },
  leaseTime: {
    description: 'How long the control lease lasts without being renewed, in seconds.',
    placeholder: 'seconds',
    default: 60,
    schema: integer(1, 86_400),
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
  ...LIGHT_SETTINGS,
  ...RTC_SETTINGS,
  ...RELAY_SETTINGS,
  ...NATS_SETTINGS,
  stateFolder: {
    description: 'Where the gateway keeps what it must remember: what light arrays told, their sequences.',
    placeholder: 'folder',
    default: null,
    none: '`rcsp-gateway` in `$XDG_STATE_HOME`, `~/.local/state` or `%LOCALAPPDATA%`',
    schema: path,
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
export type SettingValues = { readonly [Name in SettingName]: z.output<(typeof SETTINGS)[Name]['schema']> };

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** `--pool-size n` */
function usageOf(name: string, { placeholder }: Setting<unknown>): string {
  return placeholder === undefined ? flagOf(name) : `${flagOf(name)} ${placeholder}`;
}

/** In Markdown. */
export function defaultText({ default: value, none = 'none' }: Setting<unknown>): string {
  return value === null ? none : `\`${String(value)}\``;
}

/** The table of settings in docs/configuration.md. */
export function settingsTable(): string {
  return tableOf(SETTINGS);
}

/** Settings as a table in Markdown. */
export function tableOf(settings: Readonly<Record<string, Setting<unknown>>>): string {
  const rows = Object.entries(settings).map(([name, setting]) => {
    // A cell ends at a bar, in code too.
    const usage = usageOf(name, setting).replaceAll('|', '\\|');
    return `| \`${usage}\` | \`${variableOf(name)}\` | \`${name}\` | ${defaultText(setting)} | ${setting.description} |`;
  });
  const head = '| flag | environment | key in the file | default | what it does |\n|---|---|---|---|---|';
  return [head, ...rows].join('\n');
}
