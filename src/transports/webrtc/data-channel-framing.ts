/**
 * What goes out over data channels: one JSON text a message. No message is over 64 KiB, which is what aiortc takes: a
 * larger event becomes a gap, anything else an error.
 */
import { GatewayError } from '../../errors/errors.js';
import { problemOf } from '../../errors/problem-of.js';
import type { ChannelEvent } from '../../events/channel-event.js';
import type { Framing } from '../../events/delivery.js';
import { formatCursor } from '../../wire/cursor.js';

/** A message on a data channel, in bytes, either way. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

const BRACE = Buffer.from('}');

export const dataChannelFraming: Framing = {
  name: 'data-channel',
  event: (event) => (event.message.length > MAX_MESSAGE_BYTES ? gapOf(event) : event.message),
  message: (message) => {
    const bytes = Buffer.from(JSON.stringify(message));
    return bytes.length > MAX_MESSAGE_BYTES ? errorInsteadOf(message, bytes.length) : bytes;
  },
  answer: (head, response) => {
    const size = head.length + response.length + 1;
    if (size > MAX_MESSAGE_BYTES) return errorInsteadOf(JSON.parse(`${head}null}`), size);
    return Buffer.concat([Buffer.from(head), response, BRACE]);
  },
  batch: (frames) => frames,
};

/** For a peer that takes less than 64 KiB: what it gets instead of a message of ours that is too large for it. */
export function replacementOf(message: string): string {
  const parsed: unknown = JSON.parse(message);
  if (typeof parsed === 'object' && parsed !== null && 'channel' in parsed && 'cursor' in parsed) {
    const { channel, cursor } = parsed;
    return JSON.stringify({ op: 'gap', channel, from: cursor, to: cursor, cause: 'too-large' });
  }
  return errorInsteadOf(parsed, Buffer.byteLength(message)).toString();
}

function gapOf(event: ChannelEvent): Buffer {
  const place = formatCursor(event);
  const gap = { op: 'gap', channel: event.channel, from: place, to: place, cause: 'too-large' };
  return Buffer.from(JSON.stringify(gap));
}

function errorInsteadOf(message: unknown, size: number): Buffer {
  const { op = 'message', id = null } = fieldsOf(message);
  const detail = `The ${op} has ${size} bytes and does not fit into a message of a data channel (${MAX_MESSAGE_BYTES}); use HTTP or a WebSocket.`;
  const error = problemOf(new GatewayError('Payload too large', detail));
  return Buffer.from(JSON.stringify({ op: 'error', id, error }));
}

function fieldsOf(message: unknown): { readonly op?: string; readonly id?: string | number | null } {
  if (typeof message !== 'object' || message === null) return {};
  const op = 'op' in message && typeof message.op === 'string' ? message.op : undefined;
  const id =
    'id' in message && (typeof message.id === 'string' || typeof message.id === 'number') ? message.id : null;
  return { ...(op !== undefined && { op }), id };
}
