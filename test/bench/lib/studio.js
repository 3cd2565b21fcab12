/**
 * The benchmarks' RCSP server, a process of its own. It answers any command at once, and sends events that were
 * built beforehand: in bursts, each when the load generator has had the one before, or at a steady rate.
 */
import net from 'node:net';
import { answer } from './child.js';
import { RESPONSE_OK, clock, eventFrame, frame, reader, stamp } from './rcsp.js';

const NAME = '"Response":{"DeviceName":"Suit of performer 1"}';
const TRACK_ID = /"TrackId":"([^"]*)"/;

/** By port: the connections that subscribed. */
const studios = new Map();
/** Told when a burst has arrived everywhere. */
let onBurst = () => undefined;

function listen(onConnection) {
  const server = net.createServer({ noDelay: true }, onConnection);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

function serve(socket, subscribed) {
  let answers = [];
  const read = reader((_type, payload) => {
    const text = payload.toString('latin1');
    if (text.includes('"Command":"Subscribe"')) subscribed.add(socket);
    answers.push(frame(RESPONSE_OK, `{"TrackId":"${TRACK_ID.exec(text)[1]}",${NAME}}`));
  });
  socket.on('data', (chunk) => {
    read(chunk);
    if (answers.length > 0) socket.write(Buffer.concat(answers));
    answers = [];
  });
  socket.on('close', () => subscribed.delete(socket));
  socket.on('error', () => undefined);
}

/** `count` events, the channels in turn. */
function burst(count, channels) {
  return Buffer.concat(Array.from({ length: count }, (_, i) => eventFrame(i % channels)));
}

function send(port, bytes) {
  for (const socket of studios.get(port)) socket.write(bytes);
}

answer({
  /** A new studio. */
  async open() {
    const subscribed = new Set();
    const port = await listen((socket) => serve(socket, subscribed));
    studios.set(port, subscribed);
    return port;
  },
  /** Where the load generator says, by one byte, that a burst has arrived. */
  control: () => listen((socket) => socket.on('data', (bytes) => bytes.forEach(() => onBurst()))),

  /** One burst after the other for `ms` milliseconds; how many, and the milliseconds that they took. */
  inBursts(port, count, channels, ms) {
    const bytes = burst(count, channels);
    const started = performance.now();
    let bursts = 0;
    return new Promise((resolve) => {
      onBurst = () => {
        const elapsed = performance.now() - started;
        if (elapsed >= ms) return resolve({ bursts, elapsed });
        bursts += 1;
        send(port, bytes);
      };
      onBurst();
    });
  },
  /** Events at a steady rate for `ms` milliseconds, each with the time at which it left; how many. */
  atRate(port, perSecond, ms) {
    const template = eventFrame(0);
    const started = performance.now();
    let sent = 0;
    return new Promise((resolve) => {
      const tick = () => {
        const elapsed = performance.now() - started;
        const due = Math.floor((Math.min(elapsed, ms) * perSecond) / 1000) - sent;
        if (due > 0) send(port, stamped(template, due));
        sent += due;
        if (elapsed < ms) setTimeout(tick, 1);
        else resolve(sent);
      };
      tick();
    });
  },
});

function stamped(template, count) {
  const bytes = Buffer.concat(Array.from({ length: count }, () => template));
  const now = clock();
  for (let end = template.length; end <= bytes.length; end += template.length) stamp(bytes, end, now);
  return bytes;
}
