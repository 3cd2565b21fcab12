/**
 * The least that a Fastify can do which asks a studio, for the gateway to be measured beside: one route, four connections,
 * up to eight commands in a write, answers taken in order, and the headers that the gateway promises on every answer. It
 * checks nothing, times nothing, and knows one command.
 */
import Fastify from 'fastify';
import net from 'node:net';
import { answer } from '../lib/child.js';

const HEADER = 8;
const BATCH = 8;
const BEFORE_RESPONSE = Buffer.from('"Response":');
const [studioPort] = process.argv.slice(2).map(Number);

class Connection {
  #socket = net.connect({ host: '127.0.0.1', port: studioPort, noDelay: true });
  #unsent = [];
  #waiting = [];
  #cut = Buffer.alloc(0);

  constructor() {
    this.#socket.on('data', (bytes) => this.#read(bytes));
  }

  get isFull() {
    return this.#unsent.length === BATCH;
  }

  ask(json, onEnd) {
    if (this.#unsent.length === 0) process.nextTick(() => this.#flush());
    const frame = Buffer.allocUnsafe(HEADER + json.length);
    frame.writeUInt32LE(0x010801dc, 0);
    frame.writeUInt32LE(json.length, 4);
    frame.latin1Write(json, HEADER);
    this.#unsent.push(frame);
    this.#waiting.push(onEnd);
  }

  #flush() {
    this.#socket.write(this.#unsent.length === 1 ? this.#unsent[0] : Buffer.concat(this.#unsent));
    this.#unsent = [];
  }

  #read(bytes) {
    const input = this.#cut.length > 0 ? Buffer.concat([this.#cut, bytes]) : bytes;
    let at = 0;
    while (input.length - at >= HEADER) {
      const end = at + HEADER + input.readUInt32LE(at + 4);
      if (end > input.length) break;
      const from = input.indexOf(BEFORE_RESPONSE, at + HEADER) + BEFORE_RESPONSE.length;
      this.#waiting.shift()(input.latin1Slice(from, end - 1));
      at = end;
    }
    this.#cut = input.subarray(at);
  }
}

/** As the gateway writes them: in one call, past Fastify's own. */
const head = [
  ...['content-security-policy', "default-src 'none';frame-ancestors 'none'"],
  ...['cross-origin-resource-policy', 'same-origin'],
  ...['x-content-type-options', 'nosniff'],
  ...['cache-control', 'no-store'],
  ...['vary', 'Authorization'],
  ...['server-timing', 'rcsp;dur=0.12'],
  ...['content-type', 'application/json; charset=utf-8'],
  ...['x-track-id', '', 'content-length', ''],
];

function send(request, reply, text) {
  reply.hijack();
  head[head.length - 3] = request.id;
  head[head.length - 1] = String(text.length);
  reply.raw.writeHead(200, head);
  reply.raw.end(text, 'latin1');
}

const connections = Array.from({ length: 4 }, () => new Connection());
let turn = 0;
let asked = 0;

const app = Fastify();
app.get('/v1/devices/:DeviceId/name', (request, reply) => {
  if (connections[turn].isFull) turn = (turn + 1) % connections.length;
  asked += 1;
  const args = `{"DeviceId":${Number(request.params.DeviceId)}}`;
  const json = `{"Command":"GetDeviceName","TrackId":"${asked}","Version":1,"Arguments":${args}}`;
  connections[turn].ask(json, (text) => send(request, reply, text));
});
await app.listen({ host: '127.0.0.1', port: 0 });

answer({ port: () => app.server.address().port });
