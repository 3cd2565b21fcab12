/** What the client finds around it: a page, or Node. */
import type { SocketConstructor } from './socket.js';
import type { RcspClientOptions } from './types.js';

type TokenOf = () => string | undefined;

/** What a page has and Node may lack. */
interface Page {
  readonly WebSocket?: SocketConstructor;
  /** What `client-webrtc.js` leaves here. */
  readonly rcspDataChannel?: (token: TokenOf) => SocketConstructor;
  readonly location?: { readonly href: string };
  readonly addEventListener?: (name: string, listener: () => void) => void;
  readonly removeEventListener?: (name: string, listener: () => void) => void;
}

export function page(): Page {
  return globalThis;
}

/** With its last slash; as HTTP, however it was written. */
export function baseOf(url: string | URL = '/', studio?: string): URL {
  const base = new URL(url, page().location?.href);
  base.protocol = base.protocol.replace(/^ws/, 'http');
  base.search = base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  if (studio !== undefined) base.pathname += `studios/${encodeURIComponent(studio)}/`;
  return base;
}

export function socketOf({ WebSocket = page().WebSocket }: RcspClientOptions): SocketConstructor {
  if (WebSocket !== undefined) return WebSocket;
  throw new TypeError(
    'There is no global WebSocket: give one as { WebSocket }, such as that of the package ws.',
  );
}

/** From the script for data channels, which the gateway serves. Rejects where there is no page, or no such script. */
export async function dataChannelOf(base: URL, token: TokenOf): Promise<SocketConstructor | undefined> {
  const src = new URL('client-webrtc.js', base).href;
  await new Promise((onload, onerror) => {
    document.head.append(Object.assign(document.createElement('script'), { src, onload, onerror }));
  });
  return page().rcspDataChannel?.(token);
}
