// @module-tag extended
import { describe, expect, test } from 'vitest';
import { EventClient } from '../../support/event-client.js';
import { startGateway, until } from '../../support/gateway.js';
import type { Gateway } from '../../support/gateway.js';
import { eventFrame, ScriptedServer } from '../../support/scripted-server.js';

/** A studio that closes every connection above `limit` at once. */
async function startLimited(limit: number): Promise<{ gateway: Gateway; server: ScriptedServer }> {
  const server = await ScriptedServer.start();
  server.maxConnections = limit;
  server.onCommand = (command) => server.ok(command, {});
  return { server, gateway: await startGateway(server.port) };
}

describe('a studio that accepts few connections', () => {
  test.each([
    [1, 'commands and events share it'],
    [2, 'the gateway goes on with these'],
    [3, 'the gateway goes on with these'],
  ])('a limit of %i is told as such, and commands and events work', async (limit, how) => {
    const { gateway, server } = await startLimited(limit);
    const text = `${limit} of 5 connections`;
    const isTold = (): boolean => gateway.lines.some((line) => line.includes(`accepts ${text}; ${how}`));
    await until(isTold);
    await until(async () => (await gateway.get('/ready')).text.includes(`"connections":"${text}"`));
    expect((await gateway.get('/ready')).status).toBe(200);
    const client = await EventClient.connect(gateway);
    await client.subscribe(['Logs/Info']);
    const writes = Array.from({ length: 20 }, (_, n) =>
      gateway.put('/v1/devices/1/name', { DeviceName: `${n}` }),
    );
    const replies = await Promise.all(writes);
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    expect(server.named('SetDeviceName')).toHaveLength(20);
    const subscription = server.named('Subscribe').at(-1)!.connection;
    subscription.raw(eventFrame('Logs', 'Info', { n: 1 }));
    await until(() => client.numbers().length === 1);
    // The events' connection carries commands only where there is no other.
    const isShared = subscription.commands.some(({ name }) => name === 'SetDeviceName');
    expect(isShared).toBe(limit === 1);
    expect(gateway.lines.filter((line) => line.includes('the studio accepts'))).toHaveLength(1);
    expect(gateway.lines.filter((line) => line.includes('lost the studio'))).toEqual([]);
  });

  test('the gateway gets all of them once the studio accepts more', async () => {
    const { gateway, server } = await startLimited(1);
    await until(async () =>
      (await gateway.get('/ready')).text.includes('"connections":"1 of 5 connections"'),
    );
    server.maxConnections = 5;
    await until(async () =>
      (await gateway.get('/ready')).text.includes('"connections":"5 of 5 connections"'),
    );
  });
});
