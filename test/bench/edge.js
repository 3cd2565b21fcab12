/** Edges over NATS: what an event costs at the origin and at an edge, how long it takes, commands through an edge. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withChildren } from './lib/child.js';
import { format, quantile, spread, table } from './lib/stats.js';

const RATE = 500;
const CLIENTS = 200;

export async function edge({ quick }) {
  const path = findServer();
  if (path === undefined)
    return { title: 'Edges over NATS', parts: ['nats-server is not installed.'], goals: [] };
  const ms = quick ? 2000 : 5000;
  const rounds = quick ? 1 : 3;
  const all = { alone: [], one: [], ten: [], silent: [], delivery: [], near: [], far: [], calls: [] };
  for (let round = 0; round < rounds; round += 1) {
    await withHub(path, async (hub) => {
      all.alone.push(await originAlone(ms));
      const one = await withEdges(hub, 1, ms);
      all.one.push(one.origin);
      all.silent.push(one.edge);
      all.delivery.push(one.delivery);
      all.near.push(one.near);
      all.far.push(one.far);
      all.calls.push(one.calls);
    });
    await withHub(path, async (hub) => all.ten.push((await withEdges(hub, 10, ms)).origin));
  }
  return report(all);
}

function report({ alone, one, ten, silent, delivery, near, far, calls }) {
  const of = (series, name) => series.map((each) => each[name]);
  return {
    title: `Edges over NATS, ${RATE} events a second`,
    parts: [
      table(
        ['CPU, µs', 'median (least to most)'],
        [
          ['origin, per event, one client and no NATS', spread(alone, 0)],
          ['origin, per event, 1 edge', spread(one, 0)],
          ['origin, per event, 10 edges', spread(ten, 0)],
          ['edge, per event, one client', spread(silent, 0)],
          [`edge, per further delivery, ${CLIENTS} clients`, spread(delivery, 2)],
        ],
      ),
      table(
        ['from the studio to a client, ms', 'p50', 'p99'],
        [
          ['of the origin', spread(of(near, 'p50')), spread(of(near, 'p99'))],
          ['of an edge', spread(of(far, 'p50')), spread(of(far, 'p99'))],
        ],
      ),
      table(
        ['a command, ms', 'p50', 'p99'],
        [
          ['at the origin', spread(of(calls, 'near50')), spread(of(calls, 'near99'))],
          ['through an edge', spread(of(calls, 'far50')), spread(of(calls, 'far99'))],
        ],
      ),
      `An edge adds ${format(quantile(of(far, 'p50'), 0.5) - quantile(of(near, 'p50'), 0.5))} ms to the median event.`,
    ],
    goals: [],
  };
}

/** What the origin pays without NATS. */
function originAlone(ms) {
  return withChildren(async (start) => {
    const studio = start('lib/studio.js');
    const listeners = start('lib/listeners.js');
    const port = await studio.ask('open');
    const gateway = start('servers/gateway.js', [port]);
    await listeners.ask('control', await studio.ask('control'));
    await listeners.ask('connect', 'near', await gateway.ask('port'), '/v1/ws', [[0]]);
    return costOf(studio, port, gateway, ms);
  });
}

function withEdges(hub, count, ms) {
  return withChildren(async (start) => {
    const studio = start('lib/studio.js');
    const listeners = start('lib/listeners.js');
    const port = await studio.ask('open');
    const origin = start('servers/nats-gateway.js', ['origin', hub, port, 'origin']);
    const originPort = await origin.ask('port');
    const edges = Array.from({ length: count }, (_, i) =>
      start('servers/nats-gateway.js', ['edge', hub, '-', `edge-${i}`]),
    );
    const [edgePort] = await Promise.all(edges.map((each) => each.ask('port')));
    await listeners.ask('control', await studio.ask('control'));
    await listeners.ask('connect', 'near', originPort, '/v1/ws', [[0]]);
    await listeners.ask('connect', 'far', edgePort, '/v1/ws', [[0]]);
    await delay(1000);
    const [first] = edges;
    const before = await first.ask('cpu');
    const originCost = await costOf(studio, port, origin, ms);
    const edgeCost = ((await first.ask('cpu')) - before) / ((RATE * ms) / 1000);
    if (count > 1) return { origin: originCost };
    const near = await latencyOf(studio, port, listeners, 'near', ms);
    const far = await latencyOf(studio, port, listeners, 'far', ms);
    const rest = Array.from({ length: CLIENTS - 1 }, () => [0]);
    await listeners.ask('connect', 'far', edgePort, '/v1/ws', rest);
    const busy = await costOf(studio, port, first, ms);
    const calls = await callsOf(originPort, edgePort);
    return {
      origin: originCost,
      edge: edgeCost,
      delivery: (busy - edgeCost) / (CLIENTS - 1),
      near,
      far,
      calls,
    };
  });
}

/** Microseconds of CPU of a process for each event. */
async function costOf(studio, port, child, ms) {
  const before = await child.ask('cpu');
  const sent = await studio.ask('atRate', port, RATE, ms);
  return ((await child.ask('cpu')) - before) / sent;
}

async function latencyOf(studio, port, listeners, group, ms) {
  await listeners.ask('watch', group);
  await studio.ask('atRate', port, RATE, ms);
  await delay(500);
  return listeners.ask('watched', group);
}

async function callsOf(near, far) {
  const [here, there] = [await timed(near), await timed(far)];
  return {
    near50: quantile(here, 0.5),
    near99: quantile(here, 0.99),
    far50: quantile(there, 0.5),
    far99: quantile(there, 0.99),
  };
}

/** Milliseconds of commands, one after the other. */
async function timed(port) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const took = [];
  for (let i = 0; i < 600; i += 1) {
    const started = performance.now();
    await new Promise((resolve, reject) => {
      const request = http.get({ port, host: '127.0.0.1', path: '/v1/devices/1/name', agent }, (response) => {
        response.resume().once('end', resolve);
      });
      request.once('error', reject);
    });
    if (i >= 100) took.push(performance.now() - started);
  }
  agent.destroy();
  return took;
}

function findServer() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), join(homedir(), 'go', 'bin')];
  return folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
}

async function withHub(path, use) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'hub-'));
  const hub = spawn(path, ['-js', '-a', '127.0.0.1', '-p', String(port), '-sd', folder], { stdio: 'ignore' });
  try {
    while (!(await answers(port))) await delay(20);
    await use(`nats://127.0.0.1:${port}`);
  } finally {
    const ended = new Promise((resolve) => hub.once('exit', resolve));
    hub.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('data', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}
