import { GatewayError } from '../../errors/errors.js';
import type { EventConnection } from '../event-connection.js';
import { MAX_MESSAGE_BYTES } from './data-channel-framing.js';
import type { WebRtcTransport } from './webrtc-transport.js';

/** One message of a client on a data channel. */
export function receiveMessage(
  connection: EventConnection<WebRtcTransport>,
  message: string | Buffer | ArrayBuffer,
): void {
  // Bytes are no JSON text, as on a WebSocket.
  if (typeof message !== 'string') return void connection.receive('');
  if (Buffer.byteLength(message) > MAX_MESSAGE_BYTES) {
    const detail = `A message on a data channel has ${MAX_MESSAGE_BYTES} bytes at most.`;
    return connection.refuse(message, new GatewayError('Payload too large', detail, { outcome: 'not-sent' }));
  }
  const text = unquoted(message);
  if (!connection.transport.takesPong(text)) void connection.receive(text);
}

/** RTCBot in Python sends text as a JSON string, in JavaScript as it is. */
function unquoted(message: string): string {
  if (!message.startsWith('"')) return message;
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'string' ? value : message;
  } catch {
    return message;
  }
}
