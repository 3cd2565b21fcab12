import { expect, test } from 'vitest';
import { Client, startSimulator, until } from './harness.js';

const INFO = '{"Command":"Info","TrackId":"x","Version":1}';
const HEADER = Buffer.from('dc010801', 'hex');

function sized(header: Buffer, payload: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(Buffer.byteLength(payload));
  return Buffer.concat([header, size, Buffer.from(payload)]);
}

test('a command is found in single bytes, and many commands in one write', async () => {
  const { port } = await startSimulator();
  const client = await Client.open(port);
  const bytes = sized(HEADER, INFO);
  for (const byte of bytes) {
    client.socket.write(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.socket.write(Buffer.concat([bytes, bytes, bytes]));
  await client.answerCount(4);
  expect(client.answers.map(({ Status }) => Status)).toEqual(['Ok', 'Ok', 'Ok', 'Ok']);
});

test.each([
  ['a wrong marker', 'ab01080102000000', 'Invalid marker'],
  ['an unknown header version', 'dc02080102000000', 'Wrong header type'],
  ['a header size below 8', 'dc01070102000000', 'Wrong header type'],
  ['a payload over the limit', 'dc0108010100ff7f', 'Invalid value'],
])('%s is answered in its turn, then the connection is closed', async (_what, hex, code) => {
  const { port, simulator } = await startSimulator({ speed: 100 });
  const client = await Client.open(port);
  const slow = client.send('ReinitAlgo', { DeviceId: 1 });
  client.socket.write(Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(100_000, 0x20)]));
  await client.close();
  expect(client.answers.map(({ TrackId, Error }) => [TrackId, Error?.Code])).toEqual([
    [slow, undefined],
    ['', code],
  ]);
  await until(() => simulator.connectionCount === 0);
});

test('trailing bytes of a larger header are skipped', async () => {
  const { port } = await startSimulator();
  const client = await Client.open(port);
  const bytes = sized(Buffer.from('dc010a01', 'hex'), INFO);
  client.socket.write(Buffer.concat([bytes.subarray(0, 8), Buffer.from('ffff', 'hex'), bytes.subarray(8)]));
  expect((await client.answerTo('x')).Status).toBe('Ok');
});

test('frames of another type than command are refused and the stream goes on', async () => {
  const { port } = await startSimulator();
  const client = await Client.open(port);
  for (const type of ['02', '03', '04', '00', 'ff']) {
    client.socket.write(sized(Buffer.from(`dc0108${type}`, 'hex'), INFO));
  }
  await client.ask('Info');
  expect(client.answers.map(({ Error }) => Error?.Code)).toEqual([
    ...Array.from({ length: 5 }, () => 'Wrong header type'),
    undefined,
  ]);
});

test.each([
  ['not JSON', '{"Command"', '', 'Parse error'],
  ['not UTF-8', Buffer.from('7b22ff227d', 'hex'), '', 'Parse error'],
  ['empty', '', '', 'Parse error'],
  ['no object', '[1,2]', '', 'Parse error'],
  ['without Command', '{"TrackId":"a","Version":1}', 'a', 'Missing required key'],
  ['without TrackId', '{"Command":"Info","Version":1}', '', 'Missing required key'],
  ['without Version', '{"Command":"Info","TrackId":"a"}', 'a', 'Missing required key'],
  ['of wrong types', '{"Command":7,"TrackId":"a","Version":1}', 'a', 'Parse error'],
  [
    'with a list of arguments',
    '{"Command":"Info","TrackId":"a","Version":1,"Arguments":[]}',
    'a',
    'Parse error',
  ],
])('a payload that is %s is refused and the stream goes on', async (_what, payload, trackId, code) => {
  const { port } = await startSimulator();
  const client = await Client.open(port);
  client.sendPayload(payload);
  await client.ask('Info');
  expect(client.answers).toMatchObject([{ TrackId: trackId, Error: { Code: code } }, { Status: 'Ok' }]);
});

test('a thousand commands at once are answered in order, with their track ids and versions', async () => {
  const { port, simulator } = await startSimulator();
  const client = await Client.open(port);
  const ids = Array.from({ length: 3000 }, (_one, index) => client.send('Info', undefined, index));
  await client.answerCount(3000);
  expect(client.answers.map(({ TrackId }) => TrackId)).toEqual(ids);
  expect(client.answers.map(({ Version }) => Version)).toEqual(ids.map((_id, index) => index));
  expect(simulator.commandCounts.get('Info')).toBe(3000);
});

test('a client that sends all and ends still gets every answer', async () => {
  const { port } = await startSimulator({ speed: 50 });
  const client = await Client.open(port);
  client.send('ReinitAlgo', { DeviceId: 1 });
  client.send('Info');
  client.socket.end();
  await client.close();
  expect(client.answers.map(({ Status }) => Status)).toEqual(['Ok', 'Ok']);
});

test('no bytes of a client end the server', async () => {
  const { port } = await startSimulator();
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  const payloads = [
    `{"Command":"SaveUserData","TrackId":"d","Version":1,"Arguments":{"Tag":1,"UserData":${deep}}}`,
    '{"Command":"LoadJsonData","TrackId":"l","Version":1,"Arguments":{"Tag":1}}',
    '{"Command":"__proto__","TrackId":"p","Version":1,"Arguments":{"__proto__":1}}',
    '{"Command":"constructor","TrackId":"c","Version":1e308}',
    '{"Command":"GetDeviceName","TrackId":"n","Version":1,"Arguments":{"DeviceId":1e400}}',
    '{"Command":"SimulatorFault","TrackId":"f","Version":1,"Arguments":{"Fault":"*"}}',
  ];
  const client = await Client.open(port);
  for (const payload of payloads) client.sendPayload(payload);
  await client.answerCount(payloads.length);
  expect(client.answers.map(({ TrackId }) => TrackId)).toEqual(['d', 'l', 'p', 'c', 'n', 'f']);

  const rude = await Client.open(port);
  for (let count = 0; count < 200; count++) rude.send('ListCommands');
  rude.socket.resetAndDestroy();
  await rude.close();
  expect((await client.ask('Info')).Status).toBe('Ok');
});
