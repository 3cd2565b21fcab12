/** RCSP frames made and read by hand: the benchmarks' own servers and clients share nothing with the gateway. */

export const COMMAND = 1;
export const RESPONSE_OK = 2;
export const EVENT = 4;
const HEADER_SIZE = 8;

/** A frame around UTF-8 bytes or text. */
export function frame(type, payload) {
  const bytes = Buffer.from(payload);
  const header = Buffer.alloc(HEADER_SIZE);
  header.writeUInt8(0xdc, 0);
  header.writeUInt8(1, 1);
  header.writeUInt8(HEADER_SIZE, 2);
  header.writeUInt8(type, 3);
  header.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

/** Calls `onFrame(type, payload)` for each frame in the chunks given to the function that it returns. */
export function reader(onFrame) {
  let left = Buffer.alloc(0);
  return (chunk) => {
    const bytes = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    let at = 0;
    while (bytes.length - at >= HEADER_SIZE) {
      const end = at + HEADER_SIZE + bytes.readUInt32LE(at + 4);
      if (end > bytes.length) break;
      onFrame(bytes[at + 3], bytes.subarray(at + HEADER_SIZE, end));
      at = end;
    }
    left = Buffer.from(bytes.subarray(at));
  };
}

/** Publisher of all events; topics are `c0`, `c1`, … */
const PUBLISHER = 'Bench';
/** Digits of the time in an event, and how far from its last byte they begin. */
export const STAMP_DIGITS = 12;
export const STAMP_FROM_END = STAMP_DIGITS + '"}}'.length;
export const EVENT_BYTES = 200;

export const channelName = (index) => `${PUBLISHER}/c${index}`;

/** An event of 200 bytes, framed; its time, the last of it, is to be stamped. */
export function eventFrame(channel) {
  const start = `{"Publisher":"${PUBLISHER}","Topic":"c${channel}","EventData":{"DeviceId":17,"Level":"Info","Text":"`;
  const end = `","Stamp":"${'0'.repeat(STAMP_DIGITS)}"}}`;
  const text = 'The battery of the left forearm is low. '.repeat(5);
  return frame(EVENT, start + text.slice(0, EVENT_BYTES - start.length - end.length) + end);
}

/** Microseconds on the clock that all processes of a machine share. */
export function clock() {
  return Number(process.hrtime.bigint() / 1000n) % 10 ** STAMP_DIGITS;
}

/** Writes the time into an event that ends at `end`. */
export function stamp(bytes, end, time) {
  bytes.latin1Write(String(time).padStart(STAMP_DIGITS, '0'), end - STAMP_FROM_END, STAMP_DIGITS);
}
