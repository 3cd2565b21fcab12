// @module-tag extended
import { expect, test } from 'vitest';
import { revokeToken } from '../../src/access/token-file.js';
import { startBoth, until } from '../support/gateway.js';
import { makeTokens } from '../support/tokens.js';
import { Between, connect, connected } from './connect.js';

test('a token gets a ticket for every connection, and may do what it may', async () => {
  const tokens = makeTokens({ reader: 'read' });
  const { gateway, simulator } = await startBoth({ tokens: tokens.file });
  const between = await Between.before(gateway.url);
  const { studio } = await connected(between.url, { token: tokens.of.reader });
  await studio.call('GetDeviceName', { DeviceId: 1 });
  const heard: string[] = [];
  await studio.subscribe('Logs/*', ({ channel }) => heard.push(channel)).ready;
  await expect(studio.call('SetDeviceName', { DeviceId: 1, DeviceName: 'x' })).rejects.toMatchObject({
    code: 'Forbidden',
    status: 403,
    outcome: 'not-sent',
  });
  between.cut();
  await until(() => studio.state === 'waiting');
  await until(() => studio.state === 'open');
  await studio.call('Info');
  simulator.emit('Logs', 'Info', { n: 1 });
  await until(() => heard.length === 1);
  expect(gateway.lines.join('\n')).not.toContain(tokens.of.reader);
});

test('a wrong token is refused, and not tried again until there is another', async () => {
  const tokens = makeTokens({ reader: 'read' });
  const { gateway } = await startBoth({ tokens: tokens.file });
  const between = await Between.before(gateway.url);
  const { studio, states } = connect(between.url, { token: 'wrong' });
  const waiting = studio.call('Info');
  await expect(waiting).rejects.toMatchObject({ code: 'Unauthorized', status: 401, outcome: 'not-sent' });
  expect(studio.state).toBe('refused');
  expect(states.at(-1)).toMatchObject({ state: 'refused', cause: { code: 'Unauthorized', status: 401 } });
  const { accepted } = between;
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(between.accepted).toBe(accepted);
  await expect(studio.call('Info')).rejects.toMatchObject({ code: 'Unauthorized', outcome: 'not-sent' });
  studio.connect();
  await until(() => states.filter(({ state }) => state === 'refused').length === 2);
  studio.token = tokens.of.reader;
  await studio.call('Info');
  expect(studio.state).toBe('open');
});

test('without a token, where one is needed, it is refused as well', async () => {
  const tokens = makeTokens({ reader: 'read' });
  const { gateway } = await startBoth({ tokens: tokens.file });
  const { studio, states } = connect(gateway.url);
  await until(() => studio.state === 'refused');
  expect(states.at(-1)?.cause).toMatchObject({ code: 'Unauthorized', status: 401 });
  expect(studio.token).toBeUndefined();
});

test('a token that is revoked is refused, with its subscriptions kept for the next', async () => {
  const tokens = makeTokens({ first: 'read', second: 'read' });
  const { gateway, simulator } = await startBoth({ tokens: tokens.file });
  const { studio } = await connected(gateway.url, { token: tokens.of.first });
  const heard: string[] = [];
  await studio.subscribe('Logs/*', ({ cursor }) => heard.push(cursor)).ready;
  revokeToken(tokens.file, 'first');
  await until(() => studio.state === 'refused');
  simulator.emit('Logs', 'Info', { n: 1 });
  studio.token = tokens.of.second;
  await until(() => heard.length === 1);
});

test('another token takes effect at once', async () => {
  const tokens = makeTokens({ reader: 'read', operator: 'control' });
  const { gateway } = await startBoth({ tokens: tokens.file });
  const { studio } = await connected(gateway.url, { token: tokens.of.reader });
  const name = { DeviceId: 1, DeviceName: 'x' };
  await expect(studio.call('SetDeviceName', name)).rejects.toMatchObject({ code: 'Forbidden' });
  studio.token = tokens.of.operator;
  await expect(studio.call('SetDeviceName', name)).resolves.toBeNull();
});

test('what is no gateway is not one that refuses: it may become one', async () => {
  const { studio, states } = connect('http://127.0.0.1:9', { token: 'any' });
  await until(() => states.length >= 4);
  expect(states.map(({ state }) => state).slice(0, 3)).toEqual(['waiting', 'connecting', 'waiting']);
  expect(studio.state).not.toBe('refused');
});
