/**
 * The load generator for commands, a process of its own. A caller is one connection with some requests in flight;
 * each answer that is complete makes room for the next request. Requests are made beforehand, answers are told
 * apart by their lengths and never parsed.
 */
import net from 'node:net';
import { answer } from './child.js';
import { COMMAND, clock, frame } from './rcsp.js';
import { Histogram } from './stats.js';
import { WebSocketClient } from './websocket-client.js';

const command = (device) =>
  `{"Command":"GetDeviceName","TrackId":"bench-1","Version":1,"Arguments":{"DeviceId":${device}}}`;

/** Calls `onAnswers(count)`; `sizeOf` gives the bytes of the answer that begins at a place, NaN when that is not clear yet. */
function answers(sizeOf, onAnswers) {
  let left = Buffer.alloc(0);
  return (chunk) => {
    const bytes = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    let at = 0;
    let count = 0;
    while (at < bytes.length) {
      const end = at + sizeOf(bytes, at);
      if (!(end <= bytes.length)) break;
      count += 1;
      at = end;
    }
    left = Buffer.from(bytes.subarray(at));
    if (count > 0) onAnswers(count);
  };
}

/** Answers differ in the digits of a length or a time at most: the head is looked at each time, and no more. */
function httpSize(bytes, at) {
  const head = bytes.indexOf('\r\n\r\n', at, 'latin1');
  if (head < 0) return NaN;
  const text = bytes.latin1Slice(at, head);
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(text);
  const length = text.toLowerCase().indexOf('content-length: ');
  return head + 4 - at + parseInt(text.slice(length + 16, length + 24), 10);
}

const rcspSize = (bytes, at) => (bytes.length - at < 8 ? NaN : 8 + bytes.readUInt32LE(at + 4));

function overTcp(sizeOf, requestOf) {
  return async (port, onAnswers) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    socket.on('data', answers(sizeOf, onAnswers));
    return { request: (device) => socket.write(requestOf(device, port)), end: () => socket.destroy() };
  };
}

const PROTOCOLS = {
  http: overTcp(
    httpSize,
    (device, port) => `GET /v1/devices/${device}/name HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
  ),
  rcsp: overTcp(rcspSize, (device) => frame(COMMAND, command(device))),
  async websocket(port, onAnswers) {
    const client = new WebSocketClient(port, '/v1/ws', onAnswers);
    await client.opened;
    const request = (device) =>
      client.send(`{"op":"command","id":1,"command":"GetDeviceName","arguments":{"DeviceId":${device}}}`);
    return { request, end: () => client.end() };
  },
};

/** One connection that keeps `inFlight` requests on their way, for devices of its own. */
class Caller {
  #connection;
  #devices;
  #next = 0;
  #running = false;
  #sentAt = 0;
  count = 0;
  /** Where the time of each answer is counted, once it is. */
  latencies = undefined;

  constructor(devices) {
    this.#devices = devices;
  }

  async connect(protocol, port) {
    this.#connection = await PROTOCOLS[protocol](port, (count) => this.#onAnswers(count));
  }

  begin(inFlight) {
    this.#running = true;
    for (let i = 0; i < inFlight; i += 1) this.#request();
  }

  end() {
    this.#running = false;
  }

  close() {
    this.#connection.end();
  }

  #request() {
    this.#sentAt = clock();
    this.#connection.request(this.#devices[this.#next]);
    this.#next = (this.#next + 1) % this.#devices.length;
  }

  #onAnswers(count) {
    this.count += count;
    this.latencies?.add(clock() - this.#sentAt);
    for (let i = 0; i < count && this.#running; i += 1) this.#request();
  }
}

let callers = [];
let latencies;

answer({
  /**
   * Opens connections and keeps so many requests in flight on each; each asks for devices of its own (1, 2, …), or
   * all for the same.
   */
  async begin(protocol, port, { connections, inFlight, shared }) {
    callers = Array.from({ length: connections }, (_, connection) => {
      const device = (i) => (shared ? 1 : 1 + connection * inFlight + i);
      return new Caller(Array.from({ length: inFlight }, (_each, i) => device(i)));
    });
    await Promise.all(callers.map((caller) => caller.connect(protocol, port)));
    for (const caller of callers) caller.begin(inFlight);
  },
  /** Answers so far; begins to measure latencies. */
  count() {
    if (latencies === undefined) {
      latencies = new Histogram();
      for (const caller of callers) caller.latencies = latencies;
    }
    return { count: callers.reduce((sum, caller) => sum + caller.count, 0), at: performance.now() };
  },
  /** Stops asking and closes; latencies in milliseconds. */
  async end() {
    for (const caller of callers) caller.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const caller of callers) caller.close();
    const result = { p50: latencies.quantile(0.5), p99: latencies.quantile(0.99) };
    latencies = undefined;
    return result;
  },
});
