/** The settings of the process `rcsp-gateway relay`, described once. Names that SETTINGS has too mean the same. */
import type { z } from 'zod';
import { address, integer, path, proxyAddresses } from './setting-values.js';
import { SETTINGS, tableOf } from './settings.js';
import type { Setting } from './settings.js';
import { SIGNALLING_SETTINGS } from './signalling-settings.js';

export const RELAY_SERVER_SETTINGS = {
  listen: {
    description:
      'Where the relay listens. Beyond loopback it needs a certificate, or a proxy with TLS in front of it (`trustProxy`).',
    placeholder: 'host:port',
    default: 'localhost:8443',
    schema: address(0),
  },
  tlsCert: SETTINGS.tlsCert,
  tlsKey: SETTINGS.tlsKey,
  relayTokens: {
    description: 'The file of join tokens. Read anew when it changes.',
    placeholder: 'file',
    default: null,
    none: '`rcsp-gateway/relay-tokens.json` in `$XDG_CONFIG_HOME`, `~/.config` or `%APPDATA%`',
    schema: path,
  },
  allowedHost: {
    ...SETTINGS.allowedHost,
    description:
      'A further name or address under which the relay may be reached, beside loopback, the address it listens on and the names in its certificate. Repeatable.',
  },
  allowedOrigin: {
    ...SETTINGS.allowedOrigin,
    description:
      "An origin whose pages may use gateways through the relay, beside the relay's own. Repeatable.",
  },
  trustProxy: SETTINGS.trustProxy,
  metricsFrom: {
    description: 'Addresses and networks that may read `/metrics`, which names the gateways. Repeatable.',
    placeholder: 'address',
    default: 'loopback,linklocal,uniquelocal',
    isList: true,
    schema: proxyAddresses,
  },
  authRate: {
    description: 'Wrong join tokens a minute from one address, before it gets `429`.',
    placeholder: 'n',
    default: 60,
    schema: integer(1, 1_000_000),
  },
  requestRate: {
    description: 'Requests a second from one address, before it gets `429`; 0 is no limit.',
    placeholder: 'n',
    default: 5000,
    schema: integer(0, 1_000_000),
  },
  connectionsPerAddress: {
    description: 'Connections from one address that may use gateways at once.',
    placeholder: 'n',
    default: 2048,
    schema: integer(1, 1_000_000),
  },
  ...SIGNALLING_SETTINGS,
  grace: SETTINGS.grace,
  logLevel: SETTINGS.logLevel,
  logFormat: SETTINGS.logFormat,
} as const satisfies Record<string, Setting<unknown>>;

type RelayServerSettingName = keyof typeof RELAY_SERVER_SETTINGS;
export type RelayServerValues = {
  readonly [Name in RelayServerSettingName]: z.output<(typeof RELAY_SERVER_SETTINGS)[Name]['schema']>;
};

/** The table of settings in docs/remote.md. */
export function relaySettingsTable(): string {
  return tableOf(RELAY_SERVER_SETTINGS);
}
