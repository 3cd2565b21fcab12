/** The load generator for events, a process of its own: WebSocket clients that count what they get. */
import net from 'node:net';
import { answer } from './child.js';
import { channelName } from './rcsp.js';
import { Histogram } from './stats.js';
import { WebSocketClient } from './websocket-client.js';

/** Clients that connect at the same time. */
const AT_ONCE = 100;

/** Told of frames; by group. */
const groups = new Map();
let control;

class Group {
  clients = [];
  frames = 0;
  /** Frames that all clients together get of one burst, and how many must have come for the current one. */
  #perBurst = Infinity;
  #awaited = Infinity;
  latencies = new Histogram();

  onFrames(count) {
    this.frames += count;
    if (this.frames < this.#awaited) return;
    this.#awaited += this.#perBurst;
    control.write('.');
  }

  expect(perBurst) {
    this.#perBurst = perBurst;
    this.#awaited = this.frames + perBurst;
  }
}

async function open(group, port, path, channels, mode) {
  const client = new WebSocketClient(port, path, (count) => group.onFrames(count));
  group.clients.push(client);
  await client.opened;
  if (channels.length > 0)
    client.send(JSON.stringify({ op: 'subscribe', id: 1, channels: channels.map(channelName), mode }));
}

async function until(isTrue, what) {
  for (let i = 0; i < 3000; i += 1) {
    if (isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`timed out waiting for ${what()}`);
}

/** Set while the process does not sleep. */
let spinning;

function spin() {
  spinning = setImmediate(spin);
}

answer({
  /** Polls the kernel without pause, or waits for it. */
  awake(isAwake) {
    clearImmediate(spinning);
    if (isAwake) spin();
  },
  async control(port) {
    control = net.connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise((resolve) => control.once('connect', resolve));
  },
  /**
   * Adds clients to a group, one for each list of channels; resolves when all are subscribed, and each has sent a ping
   * since: from then on the kernel treats their connections as those of clients that answer pings.
   */
  async connect(name, port, path, channelLists, mode) {
    const group = groups.get(name) ?? new Group();
    groups.set(name, group);
    const subscribed = group.frames + channelLists.filter((channels) => channels.length > 0).length;
    for (let at = 0; at < channelLists.length; at += AT_ONCE) {
      await Promise.all(
        channelLists.slice(at, at + AT_ONCE).map((channels) => open(group, port, path, channels, mode)),
      );
    }
    await until(
      () => group.frames >= subscribed,
      () => `${subscribed - group.frames} answers to subscriptions`,
    );
    for (const client of group.clients) client.ping();
    await until(
      () => group.clients.every(({ pongs }) => pongs > 0),
      () => 'pongs',
    );
  },
  disconnect(name) {
    for (const client of groups.get(name).clients) client.end();
    groups.delete(name);
  },
  /** Says when each burst has arrived: as many frames as that. */
  expect: (name, perBurst) => groups.get(name).expect(perBurst),
  frames: (name) => groups.get(name).frames,
  /** The first client reads nothing any more. */
  stall: (name) => groups.get(name).clients[0].stall(),

  /** Begins to measure the latency of each event at each client. */
  watch(name) {
    const group = groups.get(name);
    group.expect(Infinity);
    const latencies = (group.latencies = new Histogram());
    const onLatency = (microseconds) => latencies.add(microseconds);
    for (const client of group.clients) client.onLatency = onLatency;
  },
  /** Ends it; milliseconds. */
  watched(name) {
    const group = groups.get(name);
    for (const client of group.clients) client.onLatency = undefined;
    const { latencies } = group;
    return { count: latencies.count, p50: latencies.quantile(0.5), p99: latencies.quantile(0.99) };
  },
});
