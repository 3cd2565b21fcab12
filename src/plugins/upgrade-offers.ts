import { IncomingMessage } from 'node:http';

/**
 * A request that Node takes for an upgrade only when the client offers a WebSocket. Any other offer (`h2c` of curl
 * and Java) is ignored, as RFC 9110, 7.8 asks for: otherwise Node lets go of the connection of each request that has
 * the header. Newer versions of Node have `shouldUpgradeCallback` for this.
 */
export class OfferedRequest extends IncomingMessage {
  /** Node's parser marked it as an upgrade, whatever it offers. The constructor of Node sets it: it has no value of its own. */
  declare isMarked: boolean;

  get upgrade(): boolean {
    return this.isMarked && (this.method === 'CONNECT' || isWebSocketOffer(this));
  }

  set upgrade(isOffered: boolean | null) {
    this.isMarked = isOffered === true;
  }
}

/** Whether Node has let go of the request's connection: nobody but us ends it. */
export function isUpgrade(request: IncomingMessage): boolean {
  return request instanceof OfferedRequest && request.upgrade;
}

function isWebSocketOffer({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}
