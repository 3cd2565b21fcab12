/** The configuration of a relay, and the rules between its settings. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { defaultJoinTokenFile, JoinTokenStore } from '../access/join-token-file.js';
import { HOST_NAME } from '../access/names.js';
import { TokenFileError } from '../access/token-file-error.js';
import { formatAddress } from '../util/address.js';
import { isLoopback } from './config.js';
import { ConfigError } from './config-error.js';
import { loadSettings } from './load-settings.js';
import type { Values } from './load-settings.js';
import { RELAY_SERVER_SETTINGS } from './relay-server-settings.js';
import type { RelayServerValues } from './relay-server-settings.js';
import { readTls, TlsFileError } from './tls-files.js';

export interface RelayConfig extends Omit<RelayServerValues, 'relayTokens'> {
  /** Where join tokens are kept; it need not exist. */
  readonly relayTokens: string;
}

/** @throws ConfigError naming the first bad setting */
export function loadRelayConfig(flags: Values, env: NodeJS.ProcessEnv): RelayConfig {
  const values = loadSettings(RELAY_SERVER_SETTINGS, flags, env).values as RelayServerValues;
  const config = { ...values, relayTokens: values.relayTokens ?? defaultJoinTokenFile(env) };
  checkListen(config);
  try {
    readTls(config);
    new JoinTokenStore(config.relayTokens);
  } catch (error) {
    if (error instanceof TokenFileError) throw new ConfigError(`--relay-tokens ${error.message}`);
    if (error instanceof TlsFileError) throw new ConfigError(error.message);
    throw error;
  }
  return config;
}

function checkListen({ listen, tlsCert, tlsKey, trustProxy }: RelayConfig): void {
  if ((tlsCert === null) !== (tlsKey === null))
    throw new ConfigError('--tls-cert and --tls-key need each other');
  if (tlsCert !== null || isLoopback(listen.host) || trustProxy.length > 0) return;
  throw new ConfigError(
    `--listen ${formatAddress(listen)} would carry tokens unencrypted: use --tls-cert and --tls-key, ` +
      'or --trust-proxy with a proxy that has TLS',
  );
}

/** The names that the certificate is for: a relay is reached by them. */
export function certificateNames(file: string | null): readonly string[] {
  if (file === null) return [];
  const { subjectAltName = '' } = new X509Certificate(readFileSync(file));
  return subjectAltName
    .split(', ')
    .flatMap((each) => /^(?:DNS|IP Address):(.+)$/.exec(each)?.[1] ?? [])
    .map((name) => (name.includes(':') ? `[${name.toLowerCase()}]` : name.toLowerCase()))
    .filter((name) => HOST_NAME.test(name));
}
