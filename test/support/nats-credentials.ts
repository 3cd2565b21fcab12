import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { temporaryFolder } from './access.js';

/** Subjects that a user of the hub may use. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  readonly mayAnswer: boolean;
}

/** What docs/scale.md says of an origin `home` or an edge `edge-1`, for one of another name. */
export function documentedPermissions(role: 'origin' | 'edge', name: string): Permissions {
  const text = readFileSync(join(PACKAGE_ROOT, 'docs/scale.md'), 'utf8');
  const documented = role === 'origin' ? 'home' : 'edge-1';
  const [table = ''] = new RegExp(`\\| ${role} \\x60[^]*?\\n\\n`).exec(text) ?? [];
  const found = { publish: new Array<string>(), subscribe: new Array<string>(), mayAnswer: false };
  let kind: 'publish' | 'subscribe' = 'publish';
  for (const line of table.split('\n').slice(2)) {
    const [, first = '', second = ''] = line.split('|').map((cell) => cell.trim());
    if (first === 'publish' || first === 'subscribe') kind = first;
    if (second.startsWith('`allow_responses`')) found.mayAnswer = true;
    else
      for (const [, subject = ''] of second.matchAll(/`([^`]+)`/g))
        found[kind].push(subject.replace(`_INBOX.${documented}.`, `_INBOX.${name}.`));
  }
  return found;
}

/** Of a user in the server's configuration. */
export function permissionsConfig({ publish, subscribe, mayAnswer }: Permissions): string {
  const answers = mayAnswer ? 'allow_responses: { max: 1, expires: "15m" }' : '';
  return `permissions: {
    publish: { allow: ${JSON.stringify(publish)} }
    subscribe: { allow: ${JSON.stringify(subscribe)} }
    ${answers}
  }`;
}

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** A user with a key of its own, and the file with its seed. */
export function makeNKey(): { readonly publicKey: string; readonly file: string } {
  const pair = nkeys.createUser();
  const file = join(temporaryFolder(), 'user.nk');
  writeFileSync(file, Buffer.from(pair.getSeed()), { mode: 0o600 });
  return { publicKey: pair.getPublicKey(), file };
}

const UNLIMITED = { subs: -1, data: -1, payload: -1 };
/** Nanoseconds: fifteen minutes. */
const ANSWER_NS = 15 * 60 * 1e9;

/** An operator with an account for the studios, and the one that the server needs for itself: the server's configuration, and credentials of users. */
export class JwtOperator {
  readonly #operator = nkeys.createOperator();
  readonly #account = nkeys.createAccount();
  readonly #system = nkeys.createAccount();

  get config(): string {
    const limits = { ...UNLIMITED, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
    const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
    const account = { limits: { ...limits, ...storage }, type: 'account', version: 2 };
    const [key, system] = [this.#account.getPublicKey(), this.#system.getPublicKey()];
    const jwt = sign(this.#operator, key, 'studios', account);
    const systemJwt = sign(this.#operator, system, 'system', { limits, type: 'account', version: 2 });
    const own = { type: 'operator', version: 2 };
    return `operator: "${sign(this.#operator, this.#operator.getPublicKey(), 'show', own)}"
resolver: MEMORY
system_account: ${system}
resolver_preload: { ${key}: "${jwt}", ${system}: "${systemJwt}" }
`;
  }

  /** The `.creds` file of a user. `seed` may be that of somebody else. */
  credentials(name: string, { publish, subscribe, mayAnswer }: Permissions, holder?: KeyPair): string {
    const user = nkeys.createUser();
    const claims = {
      ...UNLIMITED,
      pub: { allow: publish },
      sub: { allow: subscribe },
      ...(mayAnswer && { resp: { max: 1, ttl: ANSWER_NS } }),
      type: 'user',
      version: 2,
    };
    const jwt = sign(this.#account, user.getPublicKey(), name, claims);
    const seed = Buffer.from((holder ?? user).getSeed()).toString();
    const file = join(temporaryFolder(), `${name}.creds`);
    const text = `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n
-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }
}

function sign(issuer: KeyPair, subject: string, name: string, claims: object): string {
  const payload = {
    jti: createHash('sha256').update(`${subject} ${name}`).digest('base64url'),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    name,
    sub: subject,
    nats: claims,
  };
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${encode({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encode(payload)}`;
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
}
