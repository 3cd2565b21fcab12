/** What one would write first: `client.send(JSON.stringify(…))` for each client, on the events of the studio given. */
import net from 'node:net';
import { WebSocketServer } from 'ws';
import { answer } from '../lib/child.js';
import { COMMAND, EVENT, frame, reader } from '../lib/rcsp.js';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
const listeners = new Map();
let seq = 0;

server.on('connection', (client) => {
  client.on('message', (text) => {
    const { id, channels } = JSON.parse(text);
    for (const channel of channels) listenersOf(channel).add(client);
    client.send(JSON.stringify({ op: 'subscribed', id, channels }));
  });
  client.on('close', () => listeners.forEach((clients) => clients.delete(client)));
});

function listenersOf(channel) {
  if (!listeners.has(channel)) listeners.set(channel, new Set());
  return listeners.get(channel);
}

const studio = net.connect({ port: Number(process.argv[2]), host: '127.0.0.1' });
studio.on(
  'data',
  reader((type, payload) => {
    if (type !== EVENT) return;
    const event = JSON.parse(payload.toString());
    const channel = `${event.Publisher}/${event.Topic}`;
    const cursor = `3xk1:${(seq += 1)}`;
    const receivedAt = Date.now();
    for (const client of listenersOf(channel)) {
      client.send(JSON.stringify({ op: 'event', channel, cursor, receivedAt, event }));
    }
  }),
);
studio.write(frame(COMMAND, '{"Command":"Subscribe","TrackId":"1","Version":1}'));

answer({ port: () => server.address().port });
