/** The body of a stored event: the event message, whose event is passed on as it is written. Pure. */
import type { Cursor } from '../../wire/cursor.js';
import type { PlacedEvent } from '../source.js';

/** No such text stands within the channel's name, where quotes are escaped. */
const BEFORE_EVENT = Buffer.from(',"event":');
const RECEIVED_AT = /,"receivedAt":(\d{1,16})$/;
const END = 0x7d;

/** Undefined for what is no event message. */
export function placedEventOf(data: Uint8Array, place: Cursor): PlacedEvent | undefined {
  const message = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const at = message.indexOf(BEFORE_EVENT);
  if (at < 0 || message.at(-1) !== END) return undefined;
  const head = message.toString('utf8', 0, at);
  const [, digits] = RECEIVED_AT.exec(head) ?? [];
  const event = message.subarray(at + BEFORE_EVENT.length, -1);
  if (digits === undefined || !isJson(event)) return undefined;
  return { place, receivedAt: Number(digits), event };
}

/** Clients get it within a message of ours. */
function isJson(bytes: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
