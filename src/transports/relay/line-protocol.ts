/**
 * A line between a gateway and a relay: one request of HTTP/1.1 that is upgraded, then HTTP/2 on the same socket with
 * the relay as client. Each connection of a browser is one CONNECT stream.
 */
import type { ClientSessionOptions, ServerSessionOptions, Settings } from 'node:http2';

export const JOIN_PATH = '/v1/relay';
export const LINE_PROTOCOL = 'rcsp-relay/1';
export const NAME_HEADER = 'rcsp-relay-name';

/** Bytes that may be on the way, or wait for a reader, in one direction of a stream. */
export const STREAM_WINDOW = 256 * 1024;
/** The largest that HTTP/2 has: streams alone limit what is on the way, so a reader that sleeps holds up only itself. */
const CONNECTION_WINDOW = 2 ** 31 - 1;
/** Connections through one line at once. */
export const MAX_STREAMS = 4096;

export const PING_MS = 15_000;
export const DEAD_MS = 30_000;

const SETTINGS: Settings = {
  enablePush: false,
  initialWindowSize: STREAM_WINDOW,
  maxConcurrentStreams: MAX_STREAMS,
};
/** Megabytes for one line: Node refuses new streams beyond it, and what counts is what waits for slow readers. */
const SESSION_MEMORY_MB = Math.ceil((2 * MAX_STREAMS * STREAM_WINDOW) / 1e6);

/**
 * Of the gateway. The relay resets a stream when a browser leaves in the middle of an answer, and many may leave at
 * once: Node's default bound for resets would end the line for all of them.
 */
export const SERVER_OPTIONS: ServerSessionOptions & {
  readonly streamResetBurst: number;
  readonly streamResetRate: number;
} = {
  settings: SETTINGS,
  maxSessionMemory: SESSION_MEMORY_MB,
  streamResetBurst: 2 * MAX_STREAMS,
  streamResetRate: 1000,
};

/** Of the relay. */
export const CLIENT_OPTIONS: ClientSessionOptions = {
  settings: SETTINGS,
  maxSessionMemory: SESSION_MEMORY_MB,
  // Until the gateway has told its own.
  peerMaxConcurrentStreams: MAX_STREAMS,
};

/** Streams share one connection: its window must not be what holds them up. */
export function openConnectionWindow(session: { setLocalWindowSize: (size: number) => void }): void {
  session.setLocalWindowSize(CONNECTION_WINDOW);
}
