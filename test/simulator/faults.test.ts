import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { parseFault } from '../../src/simulator/faults.js';
import { Client, startSimulator, until } from './harness.js';

test.each([
  ['hang', { kind: 'hang' }],
  ['hang=GetDeviceName', { kind: 'hang', command: 'GetDeviceName' }],
  ['late:5000=ListDevices', { kind: 'late', command: 'ListDevices', delayMs: 5000 }],
  ['drop=Info*1', { kind: 'drop', command: 'Info', count: 1 }],
  ['split', { kind: 'split' }],
  ['garble*3', { kind: 'garble', count: 3 }],
  ['error:Busy=SetDeviceName', { kind: 'error', code: 'Busy', command: 'SetDeviceName' }],
  ['error:Sub-device not found', { kind: 'error', code: 'Sub-device not found' }],
  ['hang=SetProductionInfo', { kind: 'hang', command: 'SetProductionInfo' }],
])('the fault %s is understood', (text, rule) => {
  expect(parseFault(text)).toEqual(rule);
});

test.each([
  '',
  'boom',
  'hang:5',
  'late:soon',
  'error',
  'error:Nope',
  'drop=',
  'drop*0',
  'drop=Nope',
  'hang=Info*x',
])('the fault %j is refused in one line that quotes it', (text) => {
  expect(() => parseFault(text)).toThrow(/^fault ".*": .+$/);
  expect(() => parseFault(text)).toThrow(JSON.stringify(text));
});

test('hang runs the command, never answers, and holds up only its connection', async () => {
  const { port, simulator } = await startSimulator({ faults: [parseFault('hang=SetDeviceName*1')] });
  const [stuck, other] = [await Client.open(port), await Client.open(port)];
  stuck.send('SetDeviceName', { DeviceId: 1, DeviceName: 'new' });
  stuck.send('Info');
  await until(() => simulator.commandCounts.get('SetDeviceName') === 1);
  expect(await other.response('GetDeviceName', { DeviceId: 1 })).toEqual({ DeviceName: 'new' });
  expect(stuck.answers).toEqual([]);
  expect(simulator.commandCounts.has('Info')).toBe(false);
  stuck.socket.end();
  await stuck.close();
});

test('drop runs the command and closes instead of answering', async () => {
  const { port, simulator } = await startSimulator({ faults: [parseFault('drop=SetDeviceName*1')] });
  const client = await Client.open(port);
  const id = client.send('SetDeviceName', { DeviceId: 1, DeviceName: 'new' });
  await expect(client.answerTo(id)).rejects.toThrow('closed');
  expect(simulator.world.device(1).name).toBe('new');
  const again = await Client.open(port);
  expect(await again.code('SetDeviceName', { DeviceId: 1, DeviceName: 'newer' })).toBeUndefined();
  expect(simulator.commandCounts.get('SetDeviceName')).toBe(2);
});

test('garble answers with bytes that are no frame', async () => {
  const { port } = await startSimulator({ faults: [{ kind: 'garble' }] });
  const socket = connect(port, '127.0.0.1');
  socket.write(Buffer.from('dc01080102000000', 'hex'));
  socket.write('{}');
  const payload = '{"Command":"Info","TrackId":"1","Version":1}';
  socket.write(Buffer.from([0xdc, 1, 8, 1, payload.length, 0, 0, 0]));
  socket.write(payload);
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  await until(() => text.endsWith('this is no RCSP frame'));
  socket.destroy();
  await once(socket, 'close');
});

test('late answers after its delay, in order', async () => {
  const { port } = await startSimulator({ speed: 100, faults: [parseFault('late:120=Info')] });
  const client = await Client.open(port);
  const startedAt = performance.now();
  const ids = [client.send('Info'), client.send('ListDevices')];
  await client.answerTo(ids[1] ?? '');
  expect(performance.now() - startedAt).toBeGreaterThan(110);
  expect(client.answers.map(({ TrackId }) => TrackId)).toEqual(ids);
});

test('split sends an answer in single bytes that no event tears', async () => {
  const { port, simulator } = await startSimulator({ faults: [parseFault('split=ListDevices')] });
  const client = await Client.open(port);
  await client.response('Subscribe', { Publishers: [{ Publisher: 'Logs', Topics: ['Info'] }] });
  let chunks = 0;
  client.socket.on('data', () => {
    chunks++;
    simulator.emit('Logs', 'Info', { LogMsg: 'between' });
  });
  await client.response('ListDevices');
  expect(chunks).toBeGreaterThan(20);
  client.socket.removeAllListeners('data');
});

test('a fault can be set, aimed, counted and cleared by a command that no fault strikes', async () => {
  const { port, simulator } = await startSimulator();
  const client = await Client.open(port);
  await client.response('SimulatorFault', { Fault: 'error:Busy', Command: 'Info', Count: 2 });
  expect(simulator.faults.rules).toEqual([{ kind: 'error', code: 'Busy', command: 'Info', count: 2 }]);
  expect([await client.code('Info'), await client.code('ListDevices'), await client.code('Info')]).toEqual([
    'Busy',
    undefined,
    'Busy',
  ]);
  expect(await client.code('Info')).toBeUndefined();
  expect(simulator.commandCounts.get('Info')).toBe(1);
  await client.response('SimulatorFault', { Fault: 'hang' });
  await client.response('SimulatorFault', {});
  expect(await client.code('Info')).toBeUndefined();
  expect(await client.code('SimulatorFault', { Fault: 'boom' })).toBe('Invalid value');
  expect(await client.code('SimulatorFault', { Fault: 'hang', Command: 'NoSuchCommand' })).toBe(
    'Invalid value',
  );
});
