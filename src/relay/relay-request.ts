import { IncomingMessage } from 'node:http';
import { JOIN_PATH } from '../transports/relay/line-protocol.js';

/** Requests that Node's parser marked as upgrades, whatever they offer. */
const offers = new WeakSet<IncomingMessage>();

/**
 * A request that Node takes for an upgrade only when the client offers a WebSocket, or a line where gateways join. Any
 * other offer (`h2c` of curl and Java) is ignored, as RFC 9110, 7.8 asks for.
 */
export class RelayRequest extends IncomingMessage {
  get upgrade(): boolean {
    if (!offers.has(this)) return false;
    const isLine = this.url?.split('?', 1)[0] === JOIN_PATH;
    return this.method === 'CONNECT' || isLine || this.headers.upgrade?.toLowerCase() === 'websocket';
  }

  set upgrade(isOffered: boolean | null) {
    if (isOffered === true) offers.add(this);
    else offers.delete(this);
  }
}
