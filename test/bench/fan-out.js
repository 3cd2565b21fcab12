/**
 * One event to many WebSocket clients: the gateway beside `client.send(JSON.stringify(…))` in a loop on `ws`, both
 * fed by the same studio with the same frames, in turn, round by round.
 */
import { withChildren } from './lib/child.js';
import { format, goal, median, ratios, spread, table } from './lib/stats.js';

const BURST = 64;
const CHANNELS = 20;
/** Events a second beside a client that reads nothing. */
const STALL_RATE = 2000;
const SERVERS = ['gateway', 'plain ws'];

/** What a run lasts. */
const LENGTHS = {
  full: { sizes: [100, 1000, 5000], rounds: 5, ms: 500, latencyRounds: 3, latencyMs: 1500, stallMs: 2000 },
  quick: { sizes: [100, 1000], rounds: 3, ms: 250, latencyRounds: 1, latencyMs: 1000, stallMs: 1000 },
};

export async function fanOut({ quick, openFiles }) {
  const length = quick ? LENGTHS.quick : LENGTHS.full;
  const sizes = length.sizes.filter((size) => 2 * size + 200 < openFiles);
  const skipped = length.sizes.filter((size) => !sizes.includes(size));
  return withChildren(async (start) => {
    const bench = await prepare(start);
    const results = [];
    for (const size of sizes) results.push(await oneSize(bench, size, length));
    const sets = await differingSets(bench, length);
    const stalled = await oneStalled(bench, length);
    const idle = await idleMemory(bench, start, Math.max(...sizes), length.latencyRounds);
    return {
      title: 'Fan-out: an event of 200 bytes to WebSocket clients',
      parts: [
        ...(skipped.length > 0
          ? [`Left out for want of open files (\`ulimit -n\`): ${skipped} clients.`]
          : []),
        sizesTable(results),
        loadTable(results),
        setsTable(sets),
        stalledTable(stalled),
        idleTable(idle),
      ],
      goals: goalsOf(results, sets, stalled, idle),
    };
  });
}

/** The studio, both servers, and the load generator. */
async function prepare(start) {
  const studio = start('lib/studio.js');
  const listeners = start('lib/listeners.js');
  await listeners.ask('control', await studio.ask('control'));
  const servers = {};
  for (const [name, file, path] of [
    ['gateway', 'servers/gateway.js', '/v1/ws'],
    ['plain ws', 'servers/plain-ws.js', '/'],
  ]) {
    const from = await studio.ask('open');
    const child = start(file, [from]);
    servers[name] = { name, child, path, studio: from, port: await child.ask('port') };
  }
  return { studio, listeners, servers };
}

function connect({ listeners }, server, group, channelLists) {
  return listeners.ask('connect', group, server.port, server.path, channelLists);
}

const same = (count, channels) => Array.from({ length: count }, () => channels);

/** CPU time and clock of `count` events in flight for a while, per delivery. */
async function saturate({ studio, listeners }, server, group, { count, channels, perBurst, ms }) {
  await listeners.ask('expect', group, perBurst);
  const cpu = [await server.child.ask('cpu'), await listeners.ask('cpu')];
  const { bursts, elapsed } = await studio.ask('inBursts', server.studio, count, channels, ms);
  const used = [(await server.child.ask('cpu')) - cpu[0], (await listeners.ask('cpu')) - cpu[1]];
  const deliveries = bursts * perBurst;
  return {
    cpu: used[0] / deliveries,
    perSecond: (deliveries / elapsed) * 1000,
    serverShare: used[0] / 1000 / elapsed,
    loadShare: used[1] / 1000 / elapsed,
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

async function oneSize(bench, size, { rounds, ms, latencyRounds, latencyMs }) {
  const all = Object.fromEntries(SERVERS.map((name) => [name, { single: [], burst: [], latency: [] }]));
  for (const name of SERVERS) await connect(bench, bench.servers[name], name, same(size, [0]));
  for (let round = -1; round < rounds; round += 1) {
    for (const name of SERVERS) {
      const run = (count) =>
        saturate(bench, bench.servers[name], name, { count, channels: 1, perBurst: count * size, ms });
      const [single, burst] = [await run(1), await run(BURST)];
      if (round < 0) continue; // the first warms up
      all[name].single.push(single);
      all[name].burst.push(burst);
    }
  }
  const perSecond = 0.5e6 / (size * median(all['plain ws'].single.map(({ cpu }) => cpu)));
  for (let round = 0; round < latencyRounds; round += 1) {
    for (const name of SERVERS) {
      all[name].latency.push(await latencyAt(bench, bench.servers[name], name, perSecond, latencyMs));
    }
  }
  for (const name of SERVERS) await bench.listeners.ask('disconnect', name);
  return { size, perSecond, ...all };
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
async function oneStalled(bench, { latencyRounds, stallMs }) {
  const server = bench.servers.gateway;
  const results = { without: [], with: [], waiting: [] };
  const readers = 100;
  await connect(bench, server, 'readers', same(readers, [0]));
  const fill = () =>
    saturate(bench, server, 'readers', { count: BURST, channels: 1, perBurst: BURST * readers, ms: 500 });
  for (let round = 0; round < latencyRounds; round += 1) {
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

function sizesTable(results) {
  const rows = results.flatMap(({ size, ...servers }) =>
    SERVERS.map((name) => {
      const { single, burst } = servers[name];
      return [
        format(size, 0),
        name,
        spread(single.map(({ cpu }) => cpu)),
        spread(burst.map(({ cpu }) => cpu)),
        spread(
          single.map(({ perSecond }) => perSecond / 1000),
          0,
        ),
        spread(
          burst.map(({ perSecond }) => perSecond / 1000),
          0,
        ),
      ];
    }),
  );
  const head = ['clients', 'server', 'CPU µs a delivery, one event at a time', `${BURST} in flight`];
  return table([...head, '1,000 deliveries/s, one at a time', `${BURST} in flight`], rows);
}

function loadTable(results) {
  const rows = results.flatMap(({ size, perSecond, ...servers }) =>
    SERVERS.map((name) => {
      const { single, burst, latency } = servers[name];
      const percent = (of, key) => `${Math.round(100 * median(of.map((each) => each[key])))} %`;
      return [
        format(size, 0),
        name,
        `${percent(single, 'serverShare')} / ${percent(single, 'loadShare')}`,
        `${percent(burst, 'serverShare')} / ${percent(burst, 'loadShare')}`,
        format(perSecond, 0),
        percent(latency, 'share'),
        spread(latency.map(({ p50 }) => p50)),
        spread(latency.map(({ p99 }) => p99)),
      ];
    }),
  );
  const busy = ['server / generator busy, one at a time', `${BURST} in flight`];
  const head = ['clients', 'server', ...busy, 'events/s at half load', 'server busy', 'p50 ms', 'p99 ms'];
  return table(head, rows);
}

function setsTable({ differing, same }) {
  const row = (name, results) => [
    name,
    spread(results.map(({ cpu }) => cpu)),
    spread(
      results.map(({ perSecond }) => perSecond / 1000),
      0,
    ),
  ];
  return table(
    ['1,000 clients, each 3 of 20 channels', 'CPU µs a delivery', '1,000 deliveries/s'],
    [row('all the same', same), row('every one another set', differing)],
  );
}

function stalledTable(stalled) {
  const row = (name, results, waiting) => [
    name,
    spread(results.map(({ p50 }) => p50)),
    spread(results.map(({ p99 }) => p99)),
    waiting,
  ];
  return table(
    ['100 clients, 2,000 events/s', 'p50 ms', 'p99 ms', 'KiB waiting for the one'],
    [
      row('all read', stalled.without, ''),
      row('and one that reads nothing', stalled.with, spread(stalled.waiting, 0)),
    ],
  );
}

function idleTable({ clients, gateway, 'bare ws': bare }) {
  return table(
    [`${format(clients, 0)} idle clients`, 'resident KiB a client'],
    [
      ['gateway, subscribed', spread(gateway, 1)],
      ['bare ws', spread(bare, 1)],
    ],
  );
}

function goalsOf(results, sets, stalled, idle) {
  const at = results.find(({ size }) => size === 1000) ?? results[0];
  const of = (name, kind, key) => at[name][kind].map((each) => each[key]);
  const versus = (kind, key) => ratios(of('gateway', kind, key), of('plain ws', kind, key));
  const inverse = (values) => values.map((value) => 1 / value);
  return [
    goal('one event, 1,000 clients: CPU beside plain ws', 'most', 0.5, versus('single', 'cpu')),
    goal(
      '64 in flight, 1,000 clients: deliveries a CPU second beside plain ws',
      'least',
      30,
      inverse(versus('burst', 'cpu')),
      1,
    ),
    goal('the same on the clock', 'least', 30, versus('burst', 'perSecond'), 1),
    goal(
      'differing subscriptions: CPU a delivery beside the shared case',
      'most',
      3,
      ratios(
        sets.differing.map(({ cpu }) => cpu),
        sets.same.map(({ cpu }) => cpu),
      ),
    ),
    goal(
      'one client reads nothing: p99 of the others beside without',
      'most',
      1.2,
      ratios(
        stalled.with.map(({ p99 }) => p99),
        stalled.without.map(({ p99 }) => p99),
      ),
    ),
    goal('idle client: memory beside bare ws', 'most', 2, ratios(idle.gateway, idle['bare ws'])),
  ];
}
