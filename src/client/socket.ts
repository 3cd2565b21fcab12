/** As much of a WebSocket as is needed: the global one's, or that of the package `ws`. */
export interface SocketLike {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
}

export interface SocketConstructor {
  new (url: string): SocketLike;
  /** Milliseconds that it may take to open, where that is longer than for a WebSocket. */
  readonly openMs?: number;
}
