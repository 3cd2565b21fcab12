/** From the start of a process to its first answer, and a command line that asks a running gateway, in turn. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { withChildren } from './lib/child.js';
import { goal, inState, ratios, spread, table } from './lib/stats.js';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const HELLO = fileURLToPath(new URL('servers/hello.js', import.meta.url));
/** Milliseconds between two attempts to get an answer. */
const RETRY_MS = 2;

export async function start({ quick }) {
  const rounds = quick ? 5 : 15;
  const results = await withChildren(async (startChild) => {
    const studio = await startChild('lib/studio.js').ask('open');
    const gateway = startChild('servers/gateway.js', [studio]);
    const url = `http://127.0.0.1:${await gateway.ask('port')}`;
    return inTurn(rounds, {
      'node -e 0': () => untilEnd(['-e', '0']),
      'first answer': () => untilAnswer((port) => [MAIN, 'serve', '--listen', `127.0.0.1:${port}`]),
      'first answer of Fastify alone': () => untilAnswer((port) => [HELLO, port]),
      'call GetDeviceName': () => untilEnd([MAIN, 'call', 'GetDeviceName', 'DeviceId=1', '--url', url]),
      '--version': () => untilEnd([MAIN, '--version']),
    });
  });
  const rows = Object.entries(results).map(([name, values]) => [name, spread(values, 0)]);
  return {
    title: 'Start',
    parts: [table(['from the start of the process', 'ms'], rows)],
    goals: inState('after a round that fills the caches of the file system', [
      goal('start to the first answer, ms', 'most', 300, results['first answer'], 0),
      goal(
        'start to the first answer, beside a Fastify with one route',
        'most',
        1.5,
        ratios(results['first answer'], results['first answer of Fastify alone']),
      ),
      goal('call beside node -e 0', 'most', 1.8, ratios(results['call GetDeviceName'], results['node -e 0'])),
    ]),
  };
}

async function inTurn(rounds, cases) {
  const results = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(cases)) {
      const ms = await run();
      if (round >= 0) results[name].push(ms); // the first fills the caches of the file system
    }
  }
  return results;
}

async function untilEnd(args) {
  const started = performance.now();
  const [code] = await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'exit');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  return performance.now() - started;
}

/** The gateway without a studio answers as well. */
async function untilAnswer(argsFor) {
  const port = await freePort();
  const started = performance.now();
  const server = spawn(process.execPath, argsFor(port), { stdio: 'ignore' });
  const ended = once(server, 'exit');
  while (!(await isAnswered(port))) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  const ms = performance.now() - started;
  server.kill();
  await ended;
  return ms;
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function isAnswered(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.on('connect', () => socket.write(`GET /live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`));
    socket.on('data', () => resolve(true) || socket.destroy());
    socket.on('error', () => resolve(false));
  });
}
