/** Under which names the gateway may be reached, and from which pages: against DNS rebinding and foreign pages. */
import { bracketed } from '../util/address.js';
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
  /** Names without port, beside those of loopback; `*.local` stands for every name that ends so. */
  readonly hosts: ReadonlySet<string>;
  readonly origins: ReadonlySet<string>;
}

/** What `--allowed-host` takes: only such a name is offered as its value. */
export const HOST_NAME = /^((\*\.)?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])$/;
/** Origins that may stand in a command line as they are. */
const PLAIN_ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9_.:[\]-]*$/;

/** As it stands in a `Host` header, without the port: `localhost`, `127.0.0.1`, `[::1]`. */
export function isLoopbackName(name: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(name);
}

/**
 * Whether the request names a host of this gateway, and comes from a page that may use it.
 *
 * @throws NameRefusal saying what would allow it
 */
export function checkNames(asked: RequestOrigin, rules: NameRules): void {
  checkHost(asked, rules);
  checkOrigin(asked, rules);
}

/** @throws NameRefusal */
export function checkHost({ host, localAddress }: RequestOrigin, rules: NameRules): void {
  const name = nameOf(host);
  if (isOwnName(name, localAddress, rules)) return;
  if (name === '') throw new NameRefusal('The request names no host.');
  throw new NameRefusal(
    `${quoted(name)} is no name of this gateway; --allowed-host ${HOST_NAME.test(name) ? `${name} ` : ''}makes it one.`,
  );
}

/** @throws NameRefusal */
export function checkOrigin(asked: RequestOrigin, rules: NameRules): void {
  const { origin } = asked;
  if (origin === undefined) {
    if (isForeign(asked))
      throw new NameRefusal('A page of another site may link to this gateway, and no more.');
    return;
  }
  const own = ownOrigin(asked);
  if (origin !== own && !rules.origins.has(origin)) throw new NameRefusal(whyNotOrigin(origin, own));
}

function whyNotOrigin(origin: string, own: string | undefined): string {
  const refused = `Pages of ${quoted(origin)} may not use this gateway; `;
  if (origin === 'null') {
    return `${refused}files and sandboxed pages of every site say "null", so --allowed-origin cannot name it: serve the page over http:// and allow that origin.`;
  }
  const isOtherScheme = own !== undefined && schemeless(origin) === schemeless(own);
  const hint = isOtherScheme ? `its own origin is ${own}, with another scheme; ` : '';
  return `${refused}${hint}--allowed-origin ${PLAIN_ORIGIN.test(origin) ? `${origin} ` : ''}lets them.`;
}

function schemeless(origin: string): string {
  return origin.replace(/^https?:\/\//, '');
}

/** `Studio-PC.:8080` → `studio-pc`; IPv6 keeps its brackets. */
export function nameOf(host: string): string {
  const [, bracketed, plain] = /^(?:(\[[^\]]*\])|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  return (bracketed ?? plain ?? '').toLowerCase().replace(/\.$/, '');
}

/** Addresses cannot be rebound, hence the one at which the connection arrived is a name as well. */
function isOwnName(name: string, localAddress: string | undefined, { hosts }: NameRules): boolean {
  if (isLoopbackName(name) || hosts.has(name) || wildcardsOf(name).some((each) => hosts.has(each)))
    return true;
  const own = localAddress?.replace(/^::ffff:/, '');
  return own !== undefined && name === bracketed(own);
}

/** `a.b.local` → `*.b.local`, `*.local`. */
function wildcardsOf(name: string): string[] {
  const labels = name.split('.');
  return labels.slice(1).map((_, at) => `*.${labels.slice(at + 1).join('.')}`);
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

/** `Forbidden` for a host name or an origin. */
export class NameRefusal extends GatewayError {
  constructor(detail: string) {
    super('Forbidden', detail, { outcome: 'not-sent' });
  }
}
