/**
 * One event to many WebSocket clients: the gateway beside `client.send(JSON.stringify(…))` in a loop on `ws`, beside
 * `socket.write` in a loop, and beside a program in C where there is a compiler; all fed by the same studio with the same
 * frames, in turn, round by round.
 * Each client has sent a ping and got its pong before anything is measured, and answers pings: the kernel makes a
 * connection that carried data both ways dearer, for every server.
 */
import { withChildren } from './lib/child.js';
import { BURST, FLOOR, NODE_FLOOR, reportOf } from './lib/fan-out-report.js';
import { median } from './lib/stats.js';

const CHANNELS = 20;
/** Beyond so many clients the loop of `socket.write` is left out: the clients' process has open files for three servers. */
const MOST_OF_LOOP = 1000;
/** Events a second beside a client that reads nothing. */
const STALL_RATE = 2000;
/** Events a second to one client alone. */
const FAST_RATE = 20_000;

/** What a run lasts. */
const LENGTHS = {
  full: {
    sizes: [100, 1000, 5000],
    rounds: 5,
    ms: 500,
    warmMs: 10_000,
    latencyRounds: 3,
    latencyMs: 1500,
    stallRounds: 5,
    stallMs: 1500,
  },
  quick: {
    sizes: [100, 1000],
    rounds: 3,
    ms: 250,
    warmMs: 1000,
    latencyRounds: 1,
    latencyMs: 1000,
    stallRounds: 3,
    stallMs: 800,
  },
};

export async function fanOut({ quick, openFiles }) {
  const length = quick ? LENGTHS.quick : LENGTHS.full;
  const sizes = length.sizes.filter((size) => 3 * size + 200 < openFiles);
  const skipped = length.sizes.filter((size) => !sizes.includes(size));
  return withChildren(async (start, startFloor) => {
    const bench = await prepare(start, startFloor);
    const results = [];
    for (const size of sizes) results.push(await oneSize(bench, size, length));
    const modes = await bothModes(bench, length);
    const fast = await oneFast(bench, length);
    const sets = await differingSets(bench, length);
    const stalled = await oneStalled(bench, length);
    const idle = await idleMemory(bench, start, Math.max(...sizes), length.latencyRounds);
    const { warmMs } = length;
    return reportOf({ results, skipped, warmMs, modes, fast, sets, stalled, idle });
  });
}

/** The studio, both servers, and the load generator. */
async function prepare(start, startFloor) {
  const studio = start('lib/studio.js');
  const listeners = start('lib/listeners.js');
  await listeners.ask('control', await studio.ask('control'));
  const open = async (name, file, path) => {
    const from = await studio.ask('open');
    const child = start(file, [from]);
    return { name, child, path, studio: from, port: await child.ask('port') };
  };
  const servers = {};
  for (const [name, file, path] of [
    ['gateway', 'servers/gateway.js', '/v1/ws'],
    ['plain ws', 'servers/plain-ws.js', '/'],
    [NODE_FLOOR, 'servers/write-loop.js', '/'],
  ])
    servers[name] = await open(name, file, path);
  const from = await studio.ask('open');
  const floor = startFloor('fan-out', [from]);
  if (floor !== undefined)
    servers[FLOOR] = { name: FLOOR, child: floor, path: '/', studio: from, port: await floor.ask('port') };
  return { studio, listeners, servers, open };
}

function connect({ listeners }, server, group, channelLists, mode = 'all') {
  return listeners.ask('connect', group, server.port, server.path, channelLists, mode);
}

const same = (count, channels) => Array.from({ length: count }, () => channels);

/**
 * CPU time and clock of `count` events in flight for a while, per delivery. The clients stay awake: else each write pays
 * for waking the one that it is for, the more often the slower the server is, and the kernel is what is measured.
 */
async function saturate({ studio, listeners }, server, group, { count, channels, perBurst, ms }) {
  await listeners.ask('expect', group, perBurst);
  await listeners.ask('awake', true);
  const before = await server.child.ask('cpu');
  const { bursts, elapsed } = await studio.ask('inBursts', server.studio, count, channels, ms);
  const used = (await server.child.ask('cpu')) - before;
  await listeners.ask('awake', false);
  const deliveries = bursts * perBurst;
  return {
    cpu: used / deliveries,
    perSecond: (deliveries / elapsed) * 1000,
    serverShare: used / 1000 / elapsed,
  };
}

/** Latency in milliseconds at a steady rate, and how busy the server was with it. */
async function latencyAt({ studio, listeners }, server, group, perSecond, ms) {
  await listeners.ask('watch', group);
  const before = await server.child.ask('cpu');
  await studio.ask('atRate', server.studio, perSecond, ms);
  const share = ((await server.child.ask('cpu')) - before) / 1000 / ms;
  // What is late arrives before it is counted.
  await new Promise((resolve) => setTimeout(resolve, 200));
  return { ...(await listeners.ask('watched', group)), share };
}

async function oneSize(bench, size, { rounds, ms, warmMs, latencyRounds, latencyMs }) {
  const names = Object.keys(bench.servers).filter((name) => name !== NODE_FLOOR || size <= MOST_OF_LOOP);
  const all = Object.fromEntries(names.map((name) => [name, { single: [], burst: [], latency: [] }]));
  for (const name of names) await connect(bench, bench.servers[name], name, same(size, [0]));
  for (let round = -1; round < rounds; round += 1) {
    for (const name of names) {
      const run = (count, lasting) =>
        saturate(bench, bench.servers[name], name, {
          count,
          channels: 1,
          perBurst: count * size,
          ms: lasting,
        });
      const [single, burst] = [await run(1, round < 0 ? warmMs : ms), await run(BURST, ms)];
      if (round < 0) continue; // the first warms up
      all[name].single.push(single);
      all[name].burst.push(burst);
    }
  }
  const perSecond = 0.5e6 / (size * median(all['plain ws'].single.map(({ cpu }) => cpu)));
  for (let round = 0; round < latencyRounds; round += 1) {
    for (const name of names) {
      all[name].latency.push(await latencyAt(bench, bench.servers[name], name, perSecond, latencyMs));
    }
  }
  for (const name of names) await bench.listeners.ask('disconnect', name);
  return { size, perSecond, servers: all };
}

/**
 * One event at a time to 1,000 clients that want all of them, and to as many of another gateway that want the newest: in
 * turn, and often, for they differ by less than one round from the next.
 */
async function bothModes(bench, { sizes, rounds, ms }) {
  const size = Math.min(1000, sizes.at(-1));
  const servers = {
    all: bench.servers.gateway,
    latest: await bench.open('latest', 'servers/gateway.js', '/v1/ws'),
  };
  const results = { all: [], latest: [] };
  for (const mode of ['all', 'latest']) await connect(bench, servers[mode], mode, same(size, [0]), mode);
  for (let round = -4; round < 4 * rounds; round += 1) {
    for (const mode of round % 2 === 0 ? ['all', 'latest'] : ['latest', 'all']) {
      const result = await saturate(bench, servers[mode], mode, {
        count: 1,
        channels: 1,
        perBurst: size,
        ms,
      });
      if (round >= 0) results[mode].push(result.cpu);
    }
  }
  for (const mode of ['all', 'latest']) await bench.listeners.ask('disconnect', mode);
  await servers.latest.child.stop();
  return results;
}

/** One client that gets 20,000 events a second. */
async function oneFast(bench, { latencyRounds, latencyMs }) {
  const names = Object.keys(bench.servers);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await connect(bench, bench.servers[name], name, [[0]]);
  for (let round = -1; round < latencyRounds; round += 1) {
    for (const name of names) {
      const result = await latencyAt(bench, bench.servers[name], name, FAST_RATE, latencyMs);
      if (round >= 0) results[name].push({ ...result, cpu: (result.share * 1e6) / FAST_RATE });
    }
  }
  for (const name of names) await bench.listeners.ask('disconnect', name);
  return results;
}

/** Every client another three of 20 channels, beside all clients the same three, in the same bursts. */
async function differingSets(bench, { rounds, ms }) {
  const size = 1000;
  const kinds = { differing: threeOf(CHANNELS).slice(0, size), same: same(size, [0, 7, 13]) };
  const results = { differing: [], same: [] };
  for (let round = -1; round < rounds; round += 1) {
    for (const [kind, lists] of Object.entries(kinds)) {
      const server = bench.servers.gateway;
      await connect(bench, server, kind, lists);
      const options = { count: BURST, channels: CHANNELS, perBurst: deliveriesOf(lists), ms };
      const result = await saturate(bench, server, kind, options);
      if (round >= 0) results[kind].push(result);
      await bench.listeners.ask('disconnect', kind);
    }
  }
  return results;
}

function threeOf(count) {
  const sets = [];
  for (let a = 0; a < count; a += 1)
    for (let b = a + 1; b < count; b += 1) for (let c = b + 1; c < count; c += 1) sets.push([a, b, c]);
  return sets;
}

/** How many frames one burst, its events going round the channels, makes for these clients. */
function deliveriesOf(lists) {
  const events = new Array(CHANNELS).fill(0);
  for (let i = 0; i < BURST; i += 1) events[i % CHANNELS] += 1;
  return lists.flat().reduce((sum, channel) => sum + events[channel], 0);
}

/** 100 clients at 2,000 events a second, without and with one more that reads nothing and is behind already. */
async function oneStalled(bench, { stallRounds, stallMs }) {
  const server = bench.servers.gateway;
  const results = { without: [], with: [], waiting: [] };
  const readers = 100;
  await connect(bench, server, 'readers', same(readers, [0]));
  const fill = () =>
    saturate(bench, server, 'readers', { count: BURST, channels: 1, perBurst: BURST * readers, ms: 500 });
  for (let round = 0; round < stallRounds; round += 1) {
    await fill();
    results.without.push(await latencyAt(bench, server, 'readers', STALL_RATE, stallMs));
    await connect(bench, server, 'stalled', [[0]]);
    await bench.listeners.ask('stall', 'stalled');
    await fill();
    results.with.push(await latencyAt(bench, server, 'readers', STALL_RATE, stallMs));
    results.waiting.push((await server.child.ask('waiting')) / 1024);
    await bench.listeners.ask('disconnect', 'stalled');
  }
  await bench.listeners.ask('disconnect', 'readers');
  return results;
}

/** Resident memory for each client that is connected, subscribed and gets nothing; in fresh processes. */
async function idleMemory({ studio, listeners }, start, most, rounds) {
  const kinds = [
    ['gateway', 'servers/gateway.js', '/v1/ws', [0]],
    ['bare ws', 'servers/bare-ws.js', '/', []],
  ];
  const clients = Math.min(5000, most);
  const results = { clients, gateway: [], 'bare ws': [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, file, path, channels] of kinds) {
      const server = start(file, [await studio.ask('open')], ['--expose-gc']);
      const port = await server.ask('port');
      const add = (count) => listeners.ask('connect', 'idle', port, path, same(count, channels));
      await add(clients / 10); // what the first clients alone cost
      const before = await server.ask('resident');
      await add(clients);
      results[name].push(((await server.ask('resident')) - before) / clients / 1024);
      await listeners.ask('disconnect', 'idle');
      await server.stop();
    }
  }
  return results;
}
