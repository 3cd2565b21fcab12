/** Under which names the gateway may be reached, and from which pages: against DNS rebinding and foreign pages. */
import { GatewayError } from '../errors/errors.js';

/** Of a request. */
export interface RequestOrigin {
  /** `Host`, with its port. */
  readonly host: string;
  readonly protocol: string;
  readonly origin: string | undefined;
  /** The address of ours at which the connection arrived. */
  readonly localAddress: string | undefined;
  /** `Sec-Fetch-Site`, `Sec-Fetch-Mode`, `Sec-Fetch-Dest`: browsers say them, and pages cannot. */
  readonly fetchSite: string | undefined;
  readonly fetchMode: string | undefined;
  readonly fetchDest: string | undefined;
}

export interface NameRules {
  /** Names without port, beside those of loopback. */
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
}

/** As it stands in a `Host` header, without the port: `localhost`, `127.0.0.1`, `[::1]`. */
export function isLoopbackName(name: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(name);
}

/** An address as it stands in a URL or a `Host` header. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** @throws GatewayError `Forbidden`, saying what would allow it */
export function checkNames(asked: RequestOrigin, rules: NameRules): void {
  const name = nameOf(asked.host);
  if (!isOwnName(name, asked.localAddress, rules)) {
    throw forbidden(
      name === ''
        ? 'The request names no host.'
        : `${quoted(name)} is no name of this gateway; --allowed-host makes it one.`,
    );
  }
  const { origin } = asked;
  if (origin !== undefined && origin !== ownOrigin(asked) && !rules.origins.has(origin)) {
    throw forbidden(`Pages of ${quoted(origin)} may not use this gateway; --allowed-origin lets them.`);
  }
  if (origin === undefined && isForeign(asked)) {
    throw forbidden('A page of another site may link to this gateway, and no more.');
  }
}

/** `Studio-PC.:8080` → `studio-pc`; IPv6 keeps its brackets. */
export function nameOf(host: string): string {
  const [, bracketed, plain] = /^(?:(\[[^\]]*\])|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  return (bracketed ?? plain ?? '').toLowerCase().replace(/\.$/, '');
}

/** Addresses cannot be rebound, hence the one at which the connection arrived is a name as well. */
function isOwnName(name: string, localAddress: string | undefined, { hosts }: NameRules): boolean {
  if (isLoopbackName(name) || hosts.has(name)) return true;
  const own = localAddress?.replace(/^::ffff:/, '');
  return own !== undefined && name === bracketed(own);
}

function ownOrigin({ protocol, host }: RequestOrigin): string | undefined {
  if (protocol !== 'http' && protocol !== 'https') return undefined;
  const url = `${protocol}://${host}`;
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

/** Images and frames of other sites come without an `Origin`; what a person follows to here may come. */
function isForeign({ fetchSite, fetchMode, fetchDest }: RequestOrigin): boolean {
  if (fetchSite !== 'cross-site' && fetchSite !== 'same-site') return false;
  return !(fetchMode === 'navigate' && fetchDest === 'document');
}

/** What comes from outside is shown in part. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function forbidden(detail: string): GatewayError {
  return new GatewayError('Forbidden', detail, { outcome: 'not-sent' });
}
