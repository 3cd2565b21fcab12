import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createJoinToken } from '../../src/access/join-token-file.js';
import { addToken, bearer, makeCertificate, newTokenFile, temporaryFolder } from '../support/access.js';
import { Cli } from '../support/cli.js';
import { startGateway, startSimulator } from '../support/gateway.js';
import { eventually } from '../support/load.js';
import { fileOf, startJoined } from '../support/relay.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/*
 * Lines under load, for as long as their times are; the relay and the gateway are processes where they are killed.
 */

const LIFE_MS = 150_000;
const TEST_MS = 200_000;

/** A relay as a process. */
async function relayProcess(
  tokens: string,
  args: readonly string[] = [],
): Promise<{ cli: Cli; url: string }> {
  const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
  const cli = new Cli(['relay', '--relay-tokens', tokens, ...listen, ...args], {}, LIFE_MS);
  return { cli, url: await cli.printed(/^listening on (https?:\S+)$/m) };
}

async function status(url: string): Promise<number> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}

test(
  'all lines are back within 12 s when the relay was killed under load',
  async () => {
    const tokens = newTokenFile();
    const names = Array.from({ length: 8 }, (_, at) => `studio-${at}`);
    const files = names.map((name) => fileOf(createJoinToken(tokens, name, null)));
    const relay = await relayProcess(tokens);
    for (const [at, name] of names.entries())
      await startGateway(1, { relay: relay.url, relayName: name, relayTokenFile: files[at] });
    const isBack = async (name: string): Promise<boolean> =>
      (await status(`${relay.url}/${name}/live`)) === 200;
    for (const name of names) await eventually(() => isBack(name));

    let isLoaded = true;
    const load = Promise.all(
      names.map(async (name) => {
        while (isLoaded) await isBack(name).then(() => delay(5));
      }),
    );
    await delay(500);
    relay.cli.signal('SIGKILL');
    await relay.cli.end();
    // Long enough for the back-off to have grown to its end.
    await delay(15_000);
    await relayProcess(tokens, ['--listen', new URL(relay.url).host]);
    const restartedAt = performance.now();
    await Promise.all(names.map((name) => eventually(() => isBack(name))));
    const tookMs = performance.now() - restartedAt;
    isLoaded = false;
    await load;
    expect(tookMs).toBeLessThan(12_000);
  },
  TEST_MS,
);

test(
  'a gateway that is frozen loses its line after 30 s, and joins again when it goes on',
  async () => {
    const { port } = await startSimulator();
    const tokens = newTokenFile();
    const file = fileOf(createJoinToken(tokens, 'stage', null));
    const relay = await relayProcess(tokens);
    const args = ['--rcsp', `127.0.0.1:${port}`, '--listen', '127.0.0.1:0', '--relay', relay.url];
    const gateway = new Cli(
      ['serve', ...args, '--relay-name', 'stage', '--relay-token-file', file],
      {},
      LIFE_MS,
    );
    const live = (): Promise<number> => status(`${relay.url}/stage/live`);
    await eventually(async () => (await live()) === 200);
    gateway.signal('SIGSTOP');
    const frozenAt = performance.now();
    await eventually(async () => (await live()) === 503, 60_000);
    const tookMs = performance.now() - frozenAt;
    expect(tookMs).toBeLessThan(40_000);
    gateway.signal('SIGCONT');
    await eventually(async () => (await live()) === 200);
  },
  TEST_MS,
);

test(
  'lines with TLS are cut again and again under load, and neither process ends',
  async () => {
    const { port } = await startSimulator();
    const { cert, key } = makeCertificate(temporaryFolder(), 'relay');
    const tokens = newTokenFile();
    const file = fileOf(createJoinToken(tokens, 'stage', null));
    const relay = await relayProcess(tokens, ['--tls-cert', cert, '--tls-key', key]);
    const proxy = await TcpProxy.start(relay.url);
    const access = newTokenFile();
    const headers = bearer(addToken(access, 'me'));
    const gateway = new Cli(
      ['serve', '--rcsp', `127.0.0.1:${port}`, '--listen', '127.0.0.1:0', '--tokens', access].concat([
        ...[
          '--relay',
          proxy.url.replace('http', 'https'),
          '--relay-name',
          'stage',
          '--relay-token-file',
          file,
        ],
      ]),
      { NODE_EXTRA_CA_CERTS: cert },
      LIFE_MS,
    );
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    onTestFinished(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    });
    const live = (): Promise<number> => status(`${relay.url}/stage/live`);
    await eventually(async () => (await live()) === 200);
    let isLoaded = true;
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (isLoaded)
          await fetch(`${relay.url}/stage/openapi.json`, { headers })
            .then((answer) => answer.text())
            .catch(() => delay(10));
      }),
    );
    for (let cut = 0; cut < 10; cut += 1) {
      await eventually(async () => (await live()) === 200);
      // A line that stood for less than a second is dialled again later and later.
      await delay(1100 + cut * 7);
      proxy.cut();
    }
    await eventually(async () => (await live()) === 200);
    isLoaded = false;
    await load;
    expect([relay.cli.stderr, gateway.stderr].join('')).not.toContain('Assertion');
  },
  TEST_MS,
);

test(
  '1,000 readers that sleep hold up nobody else, and what waits for them is bounded',
  async () => {
    const { simulator, relay, url, tokens } = await startJoined({ gateway: { clientBuffer: 65_536 } });
    const headers = tokens.as('reader');
    const sockets = await Promise.all(
      Array.from({ length: 1000 }, async () => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws/Logs/Info`, { headers });
        onTestFinished(() => socket.terminate());
        socket.on('error', () => undefined);
        await once(socket, 'message');
        socket.pause();
        return socket;
      }),
    );
    const before = process.memoryUsage().rss;
    const data = { LogMsg: 'x'.repeat(8000) };
    // 80 MB would wait for the sleepers if nothing were bounded; then a second of quiet.
    for (let n = 0; n < 100; n += 1) {
      for (let burst = 0; burst < 4; burst += 1) simulator.emit('Logs', 'Info', data);
      await delay(10);
    }
    const startedAt = performance.now();
    for (let n = 0; n < 20; n += 1)
      expect((await relay.get('/stage/v1/devices/1/name', headers)).status).toBe(200);
    const eachMs = (performance.now() - startedAt) / 20;
    const grownMb = (process.memoryUsage().rss - before) / 1e6;
    expect(eachMs).toBeLessThan(1000);
    // Windows of 256 KiB and what each hop holds, for client, relay and gateway in this one process.
    expect(grownMb).toBeLessThan(1500);
    const [first] = sockets;
    expect(first?.readyState).toBe(WebSocket.OPEN);
  },
  TEST_MS,
);

test(
  'on a line of 100 ms, a large answer takes few round trips',
  async () => {
    const { relay } = await startJoined({ delayMs: 50 });
    await relay.get('/stage/openapi.json');
    const startedAt = performance.now();
    const answer = await relay.get('/stage/openapi.json');
    const { byteLength } = await answer.arrayBuffer();
    const tookMs = performance.now() - startedAt;
    expect(byteLength).toBeGreaterThan(150_000);
    // With the windows that HTTP/2 begins with it would be four times as many.
    expect(tookMs).toBeLessThan(1000 + (byteLength / 262_144) * 300);
  },
  TEST_MS,
);
