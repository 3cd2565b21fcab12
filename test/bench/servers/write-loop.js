/**
 * The least that Node.js can do for one event to many WebSocket clients: one frame for all, and `socket.write` of it in a
 * loop, once for each client and read of the studio. It keeps no history, bounds nothing, and knows one channel.
 */
import net from 'node:net';
import { WebSocketServer } from 'ws';
import { answer } from '../lib/child.js';
import { COMMAND, EVENT, frame, reader } from '../lib/rcsp.js';

const BEFORE_EVENT = Buffer.from(
  '{"op":"event","channel":"Bench/c0","cursor":"3xk1:1000000","receivedAt":1700000000000,"event":',
);
const AFTER_EVENT = Buffer.from('}');
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
const sockets = new Set();

server.on('connection', (client, { socket }) => {
  client.on('message', () => {
    sockets.add(socket);
    client.send('{"op":"subscribed"}');
  });
  client.on('close', () => sockets.delete(socket));
});

function textFrame(event) {
  const size = BEFORE_EVENT.length + event.length + AFTER_EVENT.length;
  const head = Buffer.from([0x81, 126, size >> 8, size & 0xff]);
  return Buffer.concat([head, BEFORE_EVENT, event, AFTER_EVENT]);
}

let frames = [];
const read = reader((type, payload) => {
  if (type === EVENT) frames.push(textFrame(payload));
});
const studio = net.connect({ port: Number(process.argv[2]), host: '127.0.0.1' });
studio.on('data', (bytes) => {
  read(bytes);
  if (frames.length === 0) return;
  const output = frames.length === 1 ? frames[0] : Buffer.concat(frames);
  frames = [];
  for (const socket of sockets) socket.write(output);
});
studio.write(frame(COMMAND, '{"Command":"Subscribe","TrackId":"1","Version":1}'));

answer({ port: () => server.address().port });
