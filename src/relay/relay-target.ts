import { isRelayName } from '../access/relay-name.js';
import { GatewayError } from '../errors/errors.js';

/** What the path of a request means at the relay. */
export type RelayTarget =
  | { readonly kind: 'own' }
  /** `/stage`: its page is at `/stage/`. */
  | { readonly kind: 'bare'; readonly name: string; readonly query: string }
  /** `/stage/v1/devices?x=1`; `path` is `/v1/devices?x=1`, as it was written. */
  | { readonly kind: 'gateway'; readonly name: string; readonly path: string };

/** @throws GatewayError `Invalid request` for a path that another server might read otherwise */
export function relayTarget(url: string): RelayTarget {
  if (!url.startsWith('/')) {
    if (url === '*') return { kind: 'own' };
    throw invalid('The request target must be a path: the relay is no proxy.');
  }
  const [, name = '', rest = '', query = ''] = /^\/([^/?]*)(\/[^?]*)?(\?.*)?$/s.exec(url) ?? [];
  if (!isRelayName(name)) return { kind: 'own' };
  if (rest === '') return { kind: 'bare', name, query };
  if (climbs(rest))
    throw invalid('The path must hold no "." or ".." between its slashes, and no "\\" or "#".');
  return { kind: 'gateway', name, path: rest + query };
}

/** Also where slashes and dots are percent-encoded: who decodes them may leave the gateway's part of the paths. */
function climbs(path: string): boolean {
  if (/[\\#]/.test(path)) return true;
  const plain = path.replaceAll(/%2e/gi, '.').replaceAll(/%2f|%5c/gi, '/');
  return plain.split('/').some((segment) => segment === '.' || segment === '..');
}

function invalid(detail: string): GatewayError {
  return new GatewayError('Invalid request', detail, { outcome: 'not-sent' });
}
