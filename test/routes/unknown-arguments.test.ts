import { expect, test } from 'vitest';
import { startBoth, startScripted } from '../support/gateway.js';

const HEADER = 'rcsp-unknown-arguments';

test('an argument that nobody describes is passed on and named', async () => {
  const { gateway, server } = await startScripted(() => ({}));
  const reply = await gateway.put('/v1/devices/1/name', { DeviceName: 'a', countdown_delay: 5 });
  expect(reply.headers.get(HEADER)).toBe('countdown_delay');
  expect(server.named('SetDeviceName')[0]?.args).toEqual({
    DeviceId: 1,
    DeviceName: 'a',
    countdown_delay: 5,
  });
});

test('several arguments are separated by commas, and what is no token is percent-encoded', async () => {
  const { gateway } = await startScripted(() => ({}));
  const args = { 'a b': 1, 'c,d': 2, e: 3, 'ü(%)': 4, '\ud800': 5 };
  const reply = await gateway.call('SetDeviceName', { DeviceId: 1, DeviceName: 'a', ...args });
  expect(reply.headers.get(HEADER)).toBe('a%20b, c%2Cd, e, %C3%BC%28%25%29, %EF%BF%BD');
});

test('the header is bounded', async () => {
  const { gateway } = await startScripted(() => ({}));
  const args = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`argument${n}`, n]));
  const reply = await gateway.call('Info', args);
  expect(reply.status).toBe(200);
  expect(reply.headers.get(HEADER)?.length).toBeLessThanOrEqual(2000);
});

test('an argument that the catalog describes is not named', async () => {
  const { gateway } = await startBoth();
  const replies = await Promise.all([
    gateway.put('/v1/devices/1/name', { DeviceName: 'a' }),
    gateway.get('/v1/devices/1/name'),
    gateway.call('GetDeviceName', { DeviceId: 1 }),
  ]);
  expect(replies.map(({ headers }) => headers.get(HEADER))).toEqual([null, null, null]);
});

test('an argument that only the server describes is not named', async () => {
  const listed = (Command: string, Name: string): object => ({
    Command,
    Version: 1,
    Info: '',
    Args: [{ Name, Type: 'String', Optional: true }],
  });
  const { gateway } = await startScripted((server) => ({
    ListCommands: (command) =>
      server.ok(command, { Commands: [listed('Info', 'Locale'), listed('MakeTea', 'Leaves')] }),
  }));
  expect((await gateway.call('Info', { Locale: 'da' })).headers.get(HEADER)).toBeNull();
  const tea = await gateway.call('MakeTea', { Leaves: 'green', Sugar: 1 });
  expect(tea.headers.get(HEADER)).toBe('Sugar');
  const coffee = await gateway.call('MakeCoffee', { Milk: true });
  expect(coffee.headers.get(HEADER)).toBe('Milk');
});
