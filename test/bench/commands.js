/**
 * A validated read, `GET /v1/devices/{DeviceId}/name`: through the gateway over HTTP and over the WebSocket, beside a
 * direct pipelined RCSP client, a Fastify that answers as many bytes from nowhere, and one that only forwards, which is the
 * least that a Fastify in front of a studio can cost; in turn, round by round. Where there is a compiler, the studio and the
 * load over HTTP are programs in C, which take little of the machine.
 */
import { withChildren } from './lib/child.js';
import { isPinned } from './lib/floor.js';
import { format, goal, inState, median, ratios, spread, table } from './lib/stats.js';

/** With 2.5 s a case, the gateway is warm after ten seconds. */
const LENGTHS = { full: { rounds: 7, ms: 700, warmMs: 2500 }, quick: { rounds: 3, ms: 400, warmMs: 400 } };

/** Before anything is counted: what ran before, over another protocol, had left the code optimised for itself. */
const SETTLE_MS = 600;

const ALONE = { connections: 1, inFlight: 1, shared: false };
const SPREAD = { connections: 64, inFlight: 1, shared: false };

/** Who is asked, over what, and how many at a time. */
const CASES = [
  { name: 'Fastify hello-world', server: 'hello', protocol: 'http', load: SPREAD },
  { name: 'Fastify that only forwards', server: 'forward', protocol: 'http', load: SPREAD },
  { name: 'gateway, HTTP', server: 'gateway', protocol: 'http', load: SPREAD },
  {
    name: 'gateway, HTTP, all ask the same',
    server: 'gateway',
    protocol: 'http',
    load: { ...SPREAD, shared: true },
  },
  { name: 'gateway, 64 WebSockets', server: 'gateway', protocol: 'websocket', load: SPREAD },
  {
    name: 'gateway, 4 WebSockets with 16 each',
    server: 'gateway',
    protocol: 'websocket',
    load: { connections: 4, inFlight: 16, shared: false },
  },
  {
    name: 'direct RCSP, 4 connections with 16 each',
    server: 'studio',
    protocol: 'rcsp',
    load: { connections: 4, inFlight: 16, shared: false },
  },
];
/** Requests in flight, one on each connection. */
const CROWDS = [1, 16, 64, 256, 1000];
const GROWTH_CASES = CROWDS.flatMap((connections) =>
  ['hello', 'gateway'].map((server) => ({
    name: `${server} ${connections}`,
    server,
    protocol: 'http',
    load: { connections, inFlight: 1, shared: false },
  })),
);
const ALONE_CASES = [
  { name: 'direct RCSP', server: 'studio', protocol: 'rcsp', load: ALONE },
  { name: 'Fastify hello-world', server: 'hello', protocol: 'http', load: ALONE },
  { name: 'gateway, HTTP', server: 'gateway', protocol: 'http', load: ALONE },
  { name: 'gateway, WebSocket', server: 'gateway', protocol: 'websocket', load: ALONE },
];

export async function commands({ quick }) {
  const { rounds, ms, warmMs } = quick ? LENGTHS.quick : LENGTHS.full;
  return withChildren(async (start, startFloor) => {
    const bench = await prepare(start, startFloor);
    const crowd = await inTurn(bench, CASES, rounds, ms, warmMs);
    const growth = await inTurn(bench, GROWTH_CASES, rounds, ms / 2);
    const alone = await inTurn(bench, ALONE_CASES, rounds, ms / 2);
    return {
      title: 'Commands: a validated read, answer of 36 bytes',
      parts: [crowdTable(crowd), growthTable(growth), aloneTable(alone)],
      goals: inState(stateOf(bench, warmMs), [...goalsOf(crowd, alone), ...growthGoals(growth)]),
    };
  });
}

function stateOf({ httpLoad }, warmMs) {
  const by = httpLoad === undefined ? 'JavaScript' : 'C';
  const core = isPinned ? 'the server has a core of its own, ' : '';
  return `${core}kept connections, ${format((4 * warmMs) / 1000, 1)} s of warm-up, load over HTTP in ${by}`;
}

async function prepare(start, startFloor) {
  const inC = startFloor('studio', []);
  const studio = inC ?? start('lib/studio.js');
  const studioPort = await studio.ask(inC === undefined ? 'open' : 'port');
  const gateway = start('servers/gateway.js', [studioPort]);
  const hello = start('servers/hello.js');
  const forward = start('servers/forward.js', [studioPort]);
  return {
    callers: start('lib/callers.js'),
    httpLoad: startFloor('http-load', []),
    servers: { studio, gateway, hello, forward },
    ports: {
      studio: studioPort,
      gateway: await gateway.ask('port'),
      hello: await hello.ask('port'),
      forward: await forward.ask('port'),
    },
  };
}

/** Results by case, one for each round. */
async function inTurn(bench, cases, rounds, ms, warmMs = ms) {
  const results = Object.fromEntries(cases.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const each of cases) {
      const result = await one(bench, each, round < 0 ? warmMs : ms);
      if (round >= 0) results[each.name].push(result); // the first warms up
    }
  }
  return results;
}

async function one(bench, { server, protocol, load }, ms) {
  const { servers, ports } = bench;
  const { callers, begin } = generatorOf(bench, protocol);
  const read = () => Promise.all([callers.ask('count'), callers.ask('cpu'), servers[server].ask('cpu')]);
  await begin(ports[server], load);
  await pause(SETTLE_MS);
  const [before, generatorBefore, cpuBefore] = await read();
  await pause(ms);
  const [after, generatorAfter, cpuAfter] = await read();
  const count = after.count - before.count;
  const elapsed = after.at - before.at;
  return {
    perSecond: (count / elapsed) * 1000,
    cpu: (cpuAfter - cpuBefore) / count,
    share: (generatorAfter - generatorBefore) / 1000 / elapsed,
    ...(await callers.ask('end')),
  };
}

/** Who makes the load: the program in C knows HTTP alone, one request in flight on a connection. */
function generatorOf({ callers, httpLoad }, protocol) {
  if (protocol !== 'http' || httpLoad === undefined)
    return { callers, begin: (port, load) => callers.ask('begin', protocol, port, load) };
  const begin = (port, { connections, shared }) => httpLoad.ask('begin', port, connections, Number(shared));
  return { callers: httpLoad, begin };
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const column = (results, key) => results.map((each) => each[key]);

function crowdTable(crowd) {
  const rows = Object.entries(crowd).map(([name, results]) => [
    name,
    spread(column(results, 'perSecond'), 0),
    spread(column(results, 'cpu'), 1),
    spread(column(results, 'p99')),
    `${format(100 * median(column(results, 'share')), 0)} %`,
  ]);
  return table(['64 in flight', 'requests/s', 'server CPU µs a request', 'p99 ms', 'generator busy'], rows);
}

function growthTable(growth) {
  const rows = CROWDS.map((count) => [
    format(count, 0),
    ...['hello', 'gateway'].flatMap((server) => {
      const results = growth[`${server} ${count}`];
      return [spread(column(results, 'cpu'), 1), spread(column(results, 'p99'))];
    }),
  ]);
  const head = ['hello-world, CPU µs a request', 'p99 ms', 'gateway, CPU µs a request', 'p99 ms'];
  return table(['HTTP requests in flight', ...head], rows);
}

function growthGoals(growth) {
  const cpu = (count) => column(growth[`gateway ${count}`], 'cpu');
  return [
    goal('1,000 in flight: CPU a request beside 64', 'most', 1.15, ratios(cpu(1000), cpu(64))),
    goal(
      '64 in flight: p99 beside hello-world',
      'most',
      1.6,
      ratios(column(growth['gateway 64'], 'p99'), column(growth['hello 64'], 'p99')),
    ),
  ];
}

function aloneTable(alone) {
  const rows = Object.entries(alone).map(([name, results]) => [
    name,
    ...['p50', 'p99'].map((key) => spread(column(results, key), 3)),
  ]);
  return table(['one at a time', 'p50 ms', 'p99 ms'], rows);
}

function goalsOf(crowd, alone) {
  const rate = (name) => column(crowd[name], 'perSecond');
  const cpu = (name) => column(crowd[name], 'cpu');
  const p50 = (name) => column(alone[name], 'p50');
  const [hello, forward, http] = ['Fastify hello-world', 'Fastify that only forwards', 'gateway, HTTP'];
  const direct = 'direct RCSP';
  const added = p50(http).map((value, round) => value - p50(direct)[round]);
  return [
    goal(
      'HTTP read, 64 in flight: requests/s beside hello-world',
      'least',
      0.75,
      ratios(rate(http), rate(hello)),
    ),
    goal('the same by CPU time', 'least', 0.75, ratios(cpu(hello), cpu(http))),
    goal('the same beside a Fastify that only forwards', 'least', 0.8, ratios(cpu(forward), cpu(http))),
    goal('one at a time: ms added to the direct client', 'most', 0.1, added, 3),
    ...['gateway, 64 WebSockets', 'gateway, 4 WebSockets with 16 each'].flatMap((name) => [
      goal(`${name}: requests/s beside HTTP`, 'least', 1.2, ratios(rate(name), rate(http))),
      goal('the same by CPU time', 'least', 1.2, ratios(cpu(http), cpu(name))),
    ]),
  ];
}
