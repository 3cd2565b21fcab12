/** Which headers pass the relay: those of one connection do not (RFC 9110, 7.6.1), nor what a client says of its own way. */

/** Of a connection, and not of the message. `Expect` was met by the relay. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** What only proxies may say. The relay says it anew. */
const OF_PROXIES: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
]);
/** Named in `Connection`, they would take the message apart. */
const KEPT: ReadonlySet<string> = new Set(['content-length', 'host']);

/** Where a request came from and how it was addressed, as far as proxies are believed. */
export interface RequestFacts {
  readonly address: string;
  readonly host: string;
  readonly protocol: string;
  /** Of a proxy in front of the relay; empty, or such as `/remote`. */
  readonly prefix: string;
}

type Headers = readonly string[];

/** Names before their values, as in `rawHeaders`. */
export function requestHeaders(
  raw: Headers,
  { address, host, protocol, prefix }: RequestFacts,
  name: string,
): string[] {
  const kept = filtered(raw, (key) => !OF_PROXIES.has(key) && !key.startsWith('x-forwarded-'));
  return [
    ...kept,
    'X-Forwarded-For',
    address,
    'X-Forwarded-Host',
    host,
    'X-Forwarded-Proto',
    protocol,
    'X-Forwarded-Prefix',
    `${prefix}/${name}`,
  ];
}

export function responseHeaders(raw: Headers): string[] {
  return filtered(raw, () => true);
}

function filtered(raw: Headers, isKept: (key: string) => boolean): string[] {
  const named = namedByConnection(raw);
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [key = '', value = ''] = raw.slice(at, at + 2);
    const lower = key.toLowerCase();
    if (!HOP_BY_HOP.has(lower) && !named.has(lower) && isKept(lower)) kept.push(key, value);
  }
  return kept;
}

function namedByConnection(raw: Headers): ReadonlySet<string> {
  const named = new Set<string>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() !== 'connection') continue;
    for (const each of (raw[at + 1] ?? '').split(',')) named.add(each.trim().toLowerCase());
  }
  for (const each of KEPT) named.delete(each);
  return named;
}

/** How often a header is said. */
export function countOf(raw: Headers, name: string): number {
  let count = 0;
  for (let at = 0; at < raw.length; at += 2) if (raw[at]?.toLowerCase() === name) count += 1;
  return count;
}
