/** Who this gateway is at NATS: credentials from a file or from the server's URL, and the name that goes with them. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Authenticator } from '@nats-io/transport-node';
import { z } from 'zod';
import type { NatsModules } from './nats-modules.js';

const NameClaim = z.object({ name: z.string().min(1) });

/** NATS takes no other characters in the token of a subject that permissions name. */
function asToken(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 64) || 'gateway';
}

export interface IdentityOptions {
  readonly servers: readonly string[];
  /** A `.creds` file or the seed of an NKey. */
  readonly credentialsFile: string | null;
  /** As the operator wants it. */
  readonly name: string | null;
}

/** @throws Error when the file cannot be read or holds no credentials */
export function authenticatorOf(
  { servers, credentialsFile }: IdentityOptions,
  { core }: NatsModules,
): Authenticator | undefined {
  if (credentialsFile === null) {
    const { username, password } = new URL(servers[0] ?? 'nats://');
    if (username === '') return undefined;
    return core.usernamePasswordAuthenticator(decodeURIComponent(username), decodeURIComponent(password));
  }
  const first = read(credentialsFile);
  const kind = kindOf(first);
  if (kind === undefined)
    throw new Error(`${credentialsFile} holds neither a JWT with its NKey nor the seed of an NKey`);
  // Credentials are renewed in their file while the gateway runs.
  return (nonce) => {
    // The library takes no last line without an end.
    const bytes = Buffer.from(kind === 'creds' ? `${read(credentialsFile)}\n` : read(credentialsFile));
    return (kind === 'creds' ? core.credsAuthenticator(bytes) : core.nkeyAuthenticator(bytes))(nonce);
  };
}

/** Of the operator, of the credentials, or of the machine. */
export function identityOf(options: IdentityOptions, { core }: NatsModules): string {
  if (options.name !== null) return options.name;
  const { username } = new URL(options.servers[0] ?? 'nats://');
  if (options.credentialsFile === null) return asToken(username || hostname());
  const text = read(options.credentialsFile);
  if (kindOf(text) === 'seed') return core.nkeys.fromSeed(Buffer.from(text)).getPublicKey();
  return asToken(nameInJwt(text) ?? hostname());
}

function read(file: string): string {
  return readFileSync(file, 'utf8').trim();
}

function kindOf(text: string): 'creds' | 'seed' | undefined {
  if (/-----BEGIN NATS USER JWT-----/.test(text)) return 'creds';
  return /^SU[A-Z2-7]{56}$/.test(text) ? 'seed' : undefined;
}

function nameInJwt(text: string): string | undefined {
  const [, payload = ''] = /-----BEGIN NATS USER JWT-----\s*[^.\s]+\.([^.\s]+)\./.exec(text) ?? [];
  try {
    return NameClaim.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString())).data?.name;
  } catch {
    return undefined; // the server refuses what is no JWT
  }
}
