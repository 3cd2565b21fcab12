/**
 * What goes out to clients, framed: WebSocket text frames and server-sent events. Made once for all clients.
 *
 * A frame of ours is written to the upgraded socket beside those that `ws` writes itself (pongs, closes). That is
 * sound while compression is off: `ws` then writes each frame whole and at once, so none can be cut by ours.
 */
import type { ChannelEvent } from '../events/channel-event.js';
import type { Framing } from '../events/delivery.js';
import { formatCursor } from '../wire/cursor.js';
import { GATEWAY_CHANNELS, isStateChannel, withoutStudio } from '../wire/gateway-channels.js';

const LF = 0x0a;
const CR = 0x0d;
const CRLF = Buffer.from('\r\n');
const BRACE_BYTE = 0x7d;
const BRACE = Buffer.of(BRACE_BYTE);

/** Text frames, joined into one write. */
export const webSocketFraming: Framing = {
  name: 'websocket',
  event: ({ message }) => textFrame([message]),
  message: (message) => textFrame([Buffer.from(JSON.stringify(message))]),
  answer: answerFrame,
  batch: join,
};

/** Server-sent events, joined into one write. `id` is the cursor, but not in state channels. */
export const sseFraming: Framing = {
  name: 'sse',
  event: (event) => sseFrame(sseType(event), sseId(event), event.message),
  message: (message) => sseFrame(typeOf(message), undefined, Buffer.from(JSON.stringify(message))),
  answer: (head, response) =>
    sseFrame('response', undefined, Buffer.concat([Buffer.from(head), response, BRACE])),
  batch: join,
};

/** The same with the chunked transfer coding of HTTP/1.1: each batch is one chunk (RFC 9112, 7.1). */
export const chunkedSseFraming: Framing = {
  ...sseFraming,
  name: 'sse-chunked',
  batch: (frames) => [chunk(frames)],
};

/** Ends a chunked answer. */
export const LAST_CHUNK = Buffer.from('0\r\n\r\n');

function chunk(frames: readonly Buffer[]): Buffer {
  const size = frames.reduce((sum, frame) => sum + frame.length, 0);
  return Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), ...frames, CRLF]);
}

/** An unmasked text frame around UTF-8 bytes (RFC 6455, 5.2). */
export function textFrame(parts: readonly Uint8Array[]): Buffer {
  let size = 0;
  for (const part of parts) size += part.length;
  const frame = emptyFrame(size);
  let at = frame.length - size;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/** `head`, the bytes of `response` and a closing brace. */
function answerFrame(head: string, response: Buffer): Buffer {
  const headSize = Buffer.byteLength(head);
  const size = headSize + response.length + 1;
  const frame = emptyFrame(size);
  const start = frame.length - size;
  frame.write(head, start);
  frame.set(response, start + headSize);
  frame[frame.length - 1] = BRACE_BYTE;
  return frame;
}

/** A text frame whose `size` bytes of text are still to be written, at its end. */
function emptyFrame(size: number): Buffer {
  const start = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + size);
  frame[0] = 0x81;
  if (start === 2) frame[1] = size;
  else if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(size, 6);
  }
  return frame;
}

/** An unmasked ping (RFC 6455, 5.5.2); `text` is ASCII, 125 characters at most. */
export function pingFrame(text: string): Buffer {
  const frame = Buffer.allocUnsafe(2 + text.length);
  frame[0] = 0x89;
  frame[1] = text.length;
  frame.write(text, 2, 'latin1');
  return frame;
}

/** Where the text begins in a frame that `textFrame` made. */
export function textStart(frame: Buffer): number {
  return frame[1] === 127 ? 10 : frame[1] === 126 ? 4 : 2;
}

/** One server-sent event. Line breaks in `data` become lines of their own, as the format demands. */
export function sseFrame(type: string, id: string | undefined, data: Buffer): Buffer {
  const head = `${id === undefined ? '' : `id: ${id}\n`}event: ${type}\ndata: `;
  const lines =
    data.includes(LF) || data.includes(CR) ? data.toString().replaceAll(/\r\n|\r|\n/g, '\ndata: ') : data;
  const body = typeof lines === 'string' ? Buffer.from(lines) : lines;
  return Buffer.concat([Buffer.from(head), body, Buffer.from('\n\n')]);
}

function join(frames: readonly Buffer[]): readonly Buffer[] {
  return frames.length < 2 ? frames : [Buffer.concat(frames)];
}

function sseType({ channel }: ChannelEvent): string {
  return withoutStudio(channel) === GATEWAY_CHANNELS.upstream ? 'upstream' : 'event';
}

function sseId(event: ChannelEvent): string | undefined {
  return isStateChannel(event.channel) ? undefined : formatCursor(event);
}

/** The type of a message that is no event is its `op`. */
function typeOf(message: object): string {
  return 'op' in message && typeof message.op === 'string' ? message.op : 'event';
}
