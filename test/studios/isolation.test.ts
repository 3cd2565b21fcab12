// @module-tag extended
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.js';
import { EventClient, seqOf } from '../support/event-client.js';
import { FAULT_KINDS, FaultProxy } from '../support/fault-proxy.js';
import type { FaultKind } from '../support/fault-proxy.js';
import { startGateway, startSimulator, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { connected } from '../support/studios.js';

/** Two studios that are well, and one behind a proxy that spoils what passes. */
async function scene(labEvents = 0): Promise<{ gateway: Gateway; well: Simulator[]; proxy: FaultProxy }> {
  const [stage, attic, lab] = await Promise.all([
    startSimulator(),
    startSimulator({ seed: 2 }),
    startSimulator({ seed: 3, eventRate: labEvents }),
  ]);
  const proxy = await FaultProxy.start(lab.port);
  const studio = [
    `stage=127.0.0.1:${stage.port}`,
    `attic=127.0.0.1:${attic.port}`,
    `lab=127.0.0.1:${proxy.port}`,
  ];
  const gateway = await startGateway(0, { rcsp: undefined, studio, poolSize: 2, logLevel: 'info' });
  await connected(gateway);
  return { gateway, well: [stage.simulator, attic.simulator], proxy };
}

/** Events and commands of the studios that are well, while `trouble` goes on; every one is checked. */
async function duringTrouble(
  { gateway, well }: Awaited<ReturnType<typeof scene>>,
  trouble: () => Promise<void>,
): Promise<void> {
  const client = await EventClient.connect(gateway);
  await client.subscribe(['studios/stage/Logs/Info', 'studios/attic/Logs/Info']);
  const names = ['stage', 'attic'];
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    for (const simulator of well) simulator.emit('Logs', 'Info', { n: sent });
  }, 10);
  onTestFinished(() => clearInterval(timer));
  const over = new AbortController();
  const commands = (async () => {
    const statuses = new Set<number>();
    while (!over.signal.aborted)
      for (const name of names) {
        statuses.add((await gateway.get(`/studios/${name}/v1/devices/1/name`)).status);
        const body = { DeviceName: 'x' };
        statuses.add((await gateway.ask('PUT', `/studios/${name}/v1/devices/1/name`, { body })).status);
      }
    return statuses;
  })();
  await trouble();
  over.abort();
  clearInterval(timer);
  expect(await commands).toEqual(new Set([200, 204]));
  for (const name of names) {
    const channel = `studios/${name}/Logs/Info`;
    await until(() => client.numbers(channel).length >= sent);
    expect(client.numbers(channel)).toEqual(Array.from({ length: sent }, (_, i) => i + 1));
  }
  expect(client.messages.filter(({ op }) => op === 'gap' || op === 'error')).toEqual([]);
  const cursors = client.messages.flatMap((each) => (each.op === 'event' ? [seqOf(each.cursor)] : []));
  expect(Math.max(...cursors)).toBe(sent);
}

test('a studio that is cut, garbled, delayed, frozen and refused costs the others nothing', async () => {
  const the = await scene();
  const { gateway, proxy } = the;
  const kinds: readonly FaultKind[] = FAULT_KINDS;
  await duringTrouble(the, async () => {
    for (const kind of [...kinds, ...kinds]) {
      proxy.inject(kind);
      // What happens to these is not what this test is about.
      const asked = [1, 2, 3].map((id) =>
        gateway.ask('GET', `/studios/lab/v1/devices/${id}/name`, { headers: { prefer: 'wait=1' } }),
      );
      await Promise.all(asked);
    }
    proxy.refusesAll = true;
    proxy.resetAll();
    await delay(500);
  });
  expect(proxy.struck).toBeGreaterThan(5);
  proxy.calm();
  await until(async () => (await gateway.get('/studios/lab/ready')).status === 200);
});

test('a studio that floods with 20,000 events a second costs the others no event and no command', async () => {
  const the = await scene(20_000);
  const listener = await EventClient.connect(the.gateway, '/studios/lab/v1/ws');
  await listener.subscribe(['Logs/Info'], { mode: 'latest' });
  await duringTrouble(the, () => delay(1500));
  expect(listener.messages.filter(({ op }) => op === 'event').length).toBeGreaterThan(0);
});

test('a studio whose commands hang uses up none of the room of the others', async () => {
  const [stage, lab] = await Promise.all([
    startSimulator(),
    startSimulator({ faults: [{ kind: 'hang', command: 'GetFrameRate' }] }),
  ]);
  const studio = [`stage=127.0.0.1:${stage.port}`, `lab=127.0.0.1:${lab.port}`];
  const gateway = await startGateway(0, { rcsp: undefined, studio, maxWaiting: 4, poolSize: 2 });
  await connected(gateway);
  const hanging = Array.from({ length: 12 }, () =>
    gateway.ask('POST', '/studios/lab/v1/commands/GetFrameRate', {
      body: { Arguments: { DeviceId: 1, n: Math.random() } },
      headers: { prefer: 'wait=2' },
    }),
  );
  const refused = Promise.all(hanging).then((all) => new Set(all.map(({ status }) => status)));
  for (let i = 0; i < 20; i += 1) expect((await gateway.get('/v1/devices/1/frame-rate')).status).toBe(200);
  expect((await refused).has(503)).toBe(true);
});
