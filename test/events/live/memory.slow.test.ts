import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { serve } from '../../support/cli.js';
import { RawClient } from '../../support/event-client.js';
import { startSimulator, until } from '../../support/gateway.js';

const MIB = 1024 * 1024;

/** What the process holds: the heap, and the buffers beside it. */
async function heldBytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(20_000) })).text();
  const read = (name: string): number =>
    Number(new RegExp(`^nodejs_${name}_bytes (\\S+)$`, 'm').exec(text)?.[1]);
  return read('heap_size_used') + read('external_memory');
}

test('the memory of the gateway stays flat over 200,000 events with a client that never reads', async () => {
  const { simulator, port } = await startSimulator();
  const { url } = await serve(['--rcsp', `127.0.0.1:${port}`, '--log-level', 'warn']);
  await until(async () => (await fetch(`${url}/ready`)).status === 200);
  const never = await RawClient.connect({ url }, '/v1/ws/Logs/Info');
  let heard = 0;
  await RawClient.connect({ url }, '/v1/ws/Logs/Info', () => (heard += 1));
  await until(() => heard === 1 && simulator.subscriptionCount('Logs', 'Info') === 1);
  never.stopReading();
  const LogMsg = 'x'.repeat(150);
  let sent = 0;
  const send = async (count: number): Promise<void> => {
    for (const end = sent + count; sent < end;) {
      for (let i = 0; i < 500; i++) simulator.emit('Logs', 'Info', { n: (sent += 1), LogMsg });
      await until(() => heard > sent - 500);
    }
    await until(() => heard === sent + 1);
  };
  // The rings, the outbox and the system's buffers are full by now.
  await send(60_000);
  const early = await heldBytes(url);
  await send(140_000);
  // What is only waiting to be collected may go.
  let late = await heldBytes(url);
  for (let i = 0; i < 50 && late > early + 12 * MIB; i++) {
    await sleep(100);
    late = Math.min(late, await heldBytes(url));
  }
  expect(never.socket.destroyed).toBe(false);
  // Kept, they would be 40 MiB and more.
  expect((late - early) / MIB).toBeLessThan(30);
}, 60_000);
