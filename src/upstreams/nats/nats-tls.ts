/** TLS to the hub: whom to trust, and who this gateway is. The files are read at each connection, for they are renewed. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import type { TlsOptions } from '@nats-io/transport-node';

export interface NatsTlsFiles {
  /** Of the authorities that sign for the hub, instead of those that Node.js knows. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

/** @throws Error that names the setting of a file that cannot be used */
export function checkTlsFiles({ ca, cert, key }: NatsTlsFiles): void {
  if ((cert === null) !== (key === null)) throw new Error('--nats-cert and --nats-key need each other');
  const [ofCa, ofCert, ofKey] = [read('--nats-ca', ca), read('--nats-cert', cert), read('--nats-key', key)];
  if (ofCert !== undefined && ofKey !== undefined)
    assertPair(ofCert, ofKey, `--nats-cert ${cert ?? ''} and --nats-key ${key ?? ''}`);
  if (ofCa !== undefined && !ofCa.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error(`--nats-ca ${ca ?? ''} is no certificate`);
}

/** Undefined where the server decides whether there is TLS. */
export function tlsOptionsOf(
  servers: readonly string[],
  files: NatsTlsFiles,
): (TlsOptions & Pick<ConnectionOptions, 'checkServerIdentity'>) | undefined {
  const { ca, cert, key } = files;
  if (ca === null && cert === null && !servers.some((each) => /^tls:/i.test(each))) return undefined;
  return {
    ...identityCheckOf(servers),
    ...(ca !== null && { caFile: ca }),
    ...(cert !== null && key !== null && { certFile: cert, keyFile: key }),
  };
}

/** For an IP address the library names nobody, and Node.js would look for `localhost` in the certificate. */
function identityCheckOf(servers: readonly string[]): Pick<ConnectionOptions, 'checkServerIdentity'> {
  const addresses = servers
    .map((each) => new URL(each).hostname.replace(/^\[|\]$/g, ''))
    .filter((host) => isIP(host) !== 0);
  const [first] = addresses;
  if (first === undefined) return {};
  return {
    checkServerIdentity: (host, certificate) => {
      if (host !== 'localhost') return checkServerIdentity(host, certificate);
      const isOfOne = addresses.some((each) => checkServerIdentity(each, certificate) === undefined);
      return isOfOne ? undefined : checkServerIdentity(first, certificate);
    },
  };
}

/** The same for a WebSocket. @throws Error when a file cannot be read any more */
export function webSocketTls({ ca, cert, key }: NatsTlsFiles): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  return {
    ...(ca !== null && { ca: readFileSync(ca) }),
    ...(cert !== null && key !== null && { cert: readFileSync(cert), key: readFileSync(key) }),
  };
}

function read(flag: string, file: string | null): Buffer | undefined {
  if (file === null) return undefined;
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(
      `${flag} ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function assertPair(cert: Buffer, key: Buffer, what: string): void {
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new Error(`${what} do not go together: ${error instanceof Error ? error.message : String(error)}`);
  }
}
