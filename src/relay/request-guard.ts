import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { TLSSocket } from 'node:tls';
import { checkHost, checkOrigin } from '../access/names.js';
import type { NameRules } from '../access/names.js';
import { GatewayError } from '../errors/errors.js';
import { countOf } from './relayed-headers.js';
import type { RequestFacts } from './relayed-headers.js';
import type { RequestRate } from './request-rate.js';

const PREFIX = /^(\/[\w.~-]+)+\/?$/;

export interface GuardOptions {
  readonly rules: NameRules;
  readonly rate: RequestRate;
  readonly isTrustedProxy: (address: string) => boolean;
}

/** Whether a request may come in at all, and what is known of it. */
export class RequestGuard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** @throws GatewayError */
  check(request: IncomingMessage, facts: RequestFacts, takesAnyHost: boolean): void {
    this.#options.rate.take(facts.address);
    assertPlain(request);
    const { headers, socket } = request;
    const asked = {
      ...facts,
      origin: headers.origin,
      localAddress: socket.localAddress,
      fetchSite: first(headers['sec-fetch-site']),
      fetchMode: first(headers['sec-fetch-mode']),
      fetchDest: first(headers['sec-fetch-dest']),
    };
    if (!takesAnyHost) checkHost(asked, this.#options.rules);
    checkOrigin(asked, this.#options.rules);
  }

  /** Pages of this origin may read what the relay itself answers. */
  isAllowedOrigin(origin: string | undefined): origin is string {
    return origin !== undefined && this.#options.rules.origins.has(origin);
  }

  factsOf({ headers, socket }: IncomingMessage): RequestFacts {
    const peer = plainAddress(socket.remoteAddress ?? '');
    const host = headers.host ?? '';
    const protocol = socket instanceof TLSSocket ? 'https' : 'http';
    if (!this.#options.isTrustedProxy(peer)) return { address: peer, host, protocol, prefix: '' };
    const saidProtocol = lastOf(headers['x-forwarded-proto']);
    const saidPrefix = lastOf(headers['x-forwarded-prefix']) ?? '';
    return {
      address: this.#clientOf(peer, headers['x-forwarded-for']),
      host: lastOf(headers['x-forwarded-host']) ?? host,
      protocol: saidProtocol === 'https' || saidProtocol === 'http' ? saidProtocol : protocol,
      prefix: PREFIX.test(saidPrefix) ? saidPrefix.replace(/\/$/, '') : '',
    };
  }

  /** The last address that no proxy of ours has; what stands before an entry that is no address was said by nobody we know. */
  #clientOf(peer: string, said: string | string[] | undefined): string {
    const entries = (said?.toString() ?? '').split(',').map(withoutPort);
    let address = peer;
    for (const entry of entries.reverse()) {
      if (isIP(entry) === 0) break;
      address = plainAddress(entry);
      if (!this.#options.isTrustedProxy(address)) break;
    }
    return address;
  }
}

/** Whoever forwards it must not mean another host, or another end of the body. */
function assertPlain({ rawHeaders, headers, httpVersion }: IncomingMessage): void {
  const hosts = countOf(rawHeaders, 'host');
  const detail =
    hosts === 0 && httpVersion === '1.1'
      ? 'The request has no Host header (RFC 9112, 3.2).'
      : hosts > 1
        ? 'The request has more than one Host header.'
        : headers['content-length'] !== undefined && headers['transfer-encoding'] !== undefined
          ? 'The request has both Content-Length and Transfer-Encoding.'
          : undefined;
  if (detail !== undefined) throw new GatewayError('Invalid request', detail, { outcome: 'not-sent' });
}

function lastOf(said: string | string[] | undefined): string | undefined {
  const last = said?.toString().split(',').at(-1)?.trim();
  return last === '' ? undefined : last;
}

function first(value: string | string[] | undefined): string | undefined {
  return value?.toString();
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  const [, v6, v4] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(entry.trim()) ?? [];
  return v6 ?? v4 ?? entry.trim();
}

function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
