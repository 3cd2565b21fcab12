import { IncomingMessage } from 'node:http';

/** Requests that Node's parser marked as upgrades, whatever they offer. */
const offers = new WeakSet<IncomingMessage>();

/**
 * A request that Node takes for an upgrade only when the client offers a WebSocket. Any other offer (`h2c` of curl
 * and Java) is ignored, as RFC 9110, 7.8 asks for: otherwise Node lets go of the connection of each request that has
 * the header. Newer versions of Node have `shouldUpgradeCallback` for this.
 */
export class OfferedRequest extends IncomingMessage {
  get upgrade(): boolean {
    return offers.has(this) && (this.method === 'CONNECT' || isWebSocketOffer(this));
  }

  set upgrade(isOffered: boolean | null) {
    if (isOffered === true) offers.add(this);
    else offers.delete(this);
  }
}

/** Whether Node has let go of the request's connection: nobody but us ends it. */
export function isUpgrade(request: IncomingMessage): boolean {
  return request instanceof OfferedRequest && request.upgrade;
}

function isWebSocketOffer({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}
