/**
 * A WebSocket client that costs as little as one can in Node: all clients read into one buffer, frames are counted
 * by their headers and never looked into, pings are answered.
 */
import net from 'node:net';
import { STAMP_DIGITS, STAMP_FROM_END, clock } from './rcsp.js';

const OPCODE = { text: 1, ping: 9, pong: 10 };
/** What any server of the comparison puts behind the event's own bytes: `}`. */
const STAMP_AT = STAMP_FROM_END + 1;
const SHARED = Buffer.alloc(256 * 1024);

/** A frame as clients send it, masked with zeros: 7-bit and 16-bit lengths. */
export function clientFrame(opcode, payload) {
  const size = payload.length;
  const header = size < 126 ? Buffer.alloc(6) : Buffer.alloc(8);
  header[0] = 0x80 | opcode;
  header[1] = 0x80 | (size < 126 ? size : 126);
  if (size >= 126) header.writeUInt16BE(size, 2);
  return Buffer.concat([header, payload]);
}

export class WebSocketClient {
  #socket;
  #onFrames;
  #onLatency = undefined;
  #upgraded = false;
  /** Payload bytes of a text frame that are still to come. */
  #skip = 0;
  /** A header, or a ping, that the end of a chunk cut. */
  #cut = undefined;
  #ready;
  pongs = 0;

  /** `onFrames(count)` is told of text frames as they begin. */
  constructor(port, path, onFrames) {
    this.#onFrames = onFrames;
    this.opened = new Promise((resolve, reject) => {
      this.#ready = resolve;
      this.#socket = net.connect({
        port,
        host: '127.0.0.1',
        noDelay: true,
        onread: { buffer: SHARED, callback: (size, buffer) => this.#onRead(buffer.subarray(0, size)) },
      });
      this.#socket.on('error', reject);
    });
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
  }

  /** Tells the latency of each event, in microseconds, from now on; or no more. */
  set onLatency(listener) {
    this.#onLatency = listener;
  }

  send(text) {
    this.#socket.write(clientFrame(OPCODE.text, Buffer.from(text)));
  }

  ping() {
    this.#socket.write(clientFrame(OPCODE.ping, Buffer.alloc(0)));
  }

  /** Reads nothing any more. */
  stall() {
    this.#socket.pause();
  }

  end() {
    this.#socket.destroy();
  }

  #onRead(chunk) {
    if (this.#upgraded) this.#scan(chunk);
    else this.#onUpgrade(chunk.toString('latin1'), chunk);
    return true;
  }

  #onUpgrade(text, chunk) {
    const end = text.indexOf('\r\n\r\n');
    if (!text.startsWith('HTTP/1.1 101') || end < 0) throw new Error(`no upgrade: ${text.slice(0, 200)}`);
    this.#upgraded = true;
    this.#ready();
    this.#scan(chunk.subarray(end + 4));
  }

  #scan(chunk) {
    let bytes = chunk;
    if (this.#cut !== undefined) {
      bytes = Buffer.concat([this.#cut, chunk]);
      this.#cut = undefined;
    }
    let at = this.#skip;
    let frames = 0;
    const now = this.#onLatency === undefined ? 0 : clock();
    while (at < bytes.length) {
      const start = headerEnd(bytes, at);
      if (start > bytes.length) break;
      const end = start + payloadSize(bytes, at);
      const isText = (bytes[at] & 15) === OPCODE.text;
      if (!isText && end > bytes.length) break;
      if (!isText) this.#onControl(bytes, at, start, end);
      else if (this.#onLatency !== undefined && end <= bytes.length)
        this.#onLatency(now - stampedAt(bytes, end));
      if (isText) frames += 1;
      at = end;
    }
    // A text frame may go on in the next chunk; a header or a ping that is cut waits for the rest.
    if (at < bytes.length) this.#cut = Buffer.from(bytes.subarray(at));
    this.#skip = Math.max(0, at - bytes.length);
    if (frames > 0) this.#onFrames(frames);
  }

  #onControl(bytes, at, start, end) {
    const opcode = bytes[at] & 15;
    if (opcode === OPCODE.ping) this.#socket.write(clientFrame(OPCODE.pong, bytes.subarray(start, end)));
    else if (opcode === OPCODE.pong) this.pongs += 1;
    else if (opcode === 8) throw new Error(`closed: ${bytes.toString('latin1', start, end)}`);
  }
}

function headerEnd(bytes, at) {
  const size = bytes[at + 1] & 127;
  return at + (at + 1 >= bytes.length || size === 126 ? 4 : size === 127 ? 10 : 2);
}

function payloadSize(bytes, at) {
  const size = bytes[at + 1] & 127;
  if (size < 126) return size;
  return size === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
}

/** The time in the event that ends at `end`. */
function stampedAt(bytes, end) {
  let time = 0;
  const first = end - STAMP_AT;
  for (let i = first; i < first + STAMP_DIGITS; i += 1) time = time * 10 + bytes[i] - 48;
  return time;
}
