import { expect, test, vi } from 'vitest';
import { Simulator } from '../../src/simulator/simulator.js';
import { Client, startSimulator, until } from './harness.js';

test('closing ends every connection, also behind slow and hanging commands, and frees the port', async () => {
  const { port, simulator } = await startSimulator({ faults: [{ kind: 'hang', command: 'Info' }] });
  const clients = await Promise.all([1, 2, 3].map(() => Client.open(port)));
  clients[0]?.send('ScanNetwork', { DeviceId: 1, Band: 0, ChannelNo: 1 });
  clients[1]?.send('Info');
  clients[2]?.send('UpdateFirmware', { DeviceId: 1, FwPath: 'a.bin' });
  await until(() => simulator.commandCounts.size === 3);
  await simulator.close();
  await Promise.all(clients.map((client) => client.close()));
  expect(simulator.connectionCount).toBe(0);
  expect(clients[0]?.answers).toEqual([]);
  const next = new Simulator({ port, events: false });
  expect(await next.listen()).toEqual({ host: '127.0.0.1', port });
  await next.close();
});

test('closing twice or before listening succeeds', async () => {
  const simulator = new Simulator();
  await Promise.all([simulator.close(), simulator.close()]);
});

test('a port that is taken rejects the start', async () => {
  const { port } = await startSimulator();
  const second = new Simulator({ port });
  await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await second.close();
});

test('GracefulExit is answered, then every connection is closed and the port freed', async () => {
  const onExit = vi.fn();
  const { port, simulator } = await startSimulator({ onExit });
  const [client, other] = [await Client.open(port), await Client.open(port)];
  expect((await client.ask('GracefulExit')).Status).toBe('Ok');
  await Promise.all([client.close(), other.close()]);
  await until(() => onExit.mock.calls.length === 1);
  expect(simulator.connectionCount).toBe(0);
  await expect(Client.open(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('connections can be cut all at once and come back', async () => {
  const { port, simulator } = await startSimulator();
  const clients = await Promise.all([1, 2].map(() => Client.open(port)));
  await until(() => simulator.connectionCount === 2);
  simulator.dropConnections();
  await Promise.all(clients.map((client) => client.close()));
  expect((await (await Client.open(port)).ask('Info')).Status).toBe('Ok');
});

test('the log tells commands and codes, one line each, and no secret', async () => {
  const lines: string[] = [];
  const { port } = await startSimulator({ logger: (line) => lines.push(line) });
  const client = await Client.open(port);
  await client.ask('Two\nlines');
  const settings = await client.response('GetNetworkConfiguration', { DeviceId: 1 });
  await client.response('SetNetworkConfiguration', { DeviceId: 1, Settings: settings });
  const log = lines.join('\n');
  expect(lines.every((line) => !line.includes('\n'))).toBe(true);
  expect(log).toContain('Unknown command');
  expect(log).toContain('SetNetworkConfiguration: Ok');
  expect(log).not.toContain('simulated-key');
});
