// @module-tag extended
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Client, startSimulator } from './harness.js';

const SCAN = { DeviceId: 1, Band: 2, ChannelNo: 36 };

const Info = z.looseObject({
  FwVersion: z.looseObject({ Patch: z.number() }),
});

async function firmwarePatch(client: Client, DeviceId: number): Promise<number> {
  return Info.parse(await client.response('GetDeviceInfo', { DeviceId })).FwVersion.Patch;
}

async function listenToUpdates(client: Client): Promise<void> {
  await client.response('Subscribe', {
    Publishers: [
      { Publisher: 'UpdateFwEvents', Topics: ['Progress', 'Failure', 'Done'] },
      { Publisher: 'DeviceEvents', Topics: ['BootloaderConnected', 'BootloaderDisconnected'] },
    ],
  });
}

test('a slow command holds up what is behind it on its connection and nothing on another', async () => {
  const { port } = await startSimulator({ speed: 20 });
  const [slow, quick] = [await Client.open(port), await Client.open(port)];
  const scan = slow.send('ScanNetwork', SCAN);
  const behind = slow.send('Info');
  await quick.response('GetDeviceName', { DeviceId: 1 });
  expect(slow.answers).toEqual([]);
  await slow.answerTo(behind);
  expect(slow.answers.map(({ TrackId }) => TrackId)).toEqual([scan, behind]);
});

test('a scan takes its time and hears the networks of its band', async () => {
  const { port } = await startSimulator({ speed: 20 });
  const client = await Client.open(port);
  const startedAt = performance.now();
  const both = await client.response('ScanNetwork', SCAN);
  expect(performance.now() - startedAt).toBeGreaterThan(3000 / 20 - 5);
  const one = await client.response('ScanNetwork', { ...SCAN, Band: 0 });
  const channels = (response: unknown): number[] =>
    z
      .object({ ScanResults: z.array(z.looseObject({ ChannelNo: z.number() })) })
      .parse(response)
      .ScanResults.map(({ ChannelNo }) => ChannelNo);
  expect(channels(one).every((channel) => channel < 14)).toBe(true);
  expect(channels(both).length).toBeGreaterThan(channels(one).length);
});

test('a calibration ends in an event', async () => {
  const { port } = await startSimulator({ speed: 100 });
  const client = await Client.open(port);
  await client.response('Subscribe', { Publishers: [{ Publisher: 'DeviceEvents', Topics: ['Calibrated'] }] });
  await client.response('CalibrateStaticPose', { DeviceId: 2 });
  expect((await client.event('Calibrated')).EventData).toMatchObject({
    DeviceId: 2,
    EventSuccess: 'Success',
  });
});

test('a device that goes away in the middle of a slow command fails it', async () => {
  const { port, simulator } = await startSimulator({ speed: 10 });
  const [slow, quick] = [await Client.open(port), await Client.open(port)];
  const test = slow.send('RunSelfTest', { DeviceId: 2 });
  await expect.poll(() => simulator.commandCounts.get('RunSelfTest')).toBe(1);
  await quick.response('SimulatorDisconnectDevice', { DeviceId: 2 });
  expect((await slow.answerTo(test)).Error?.Code).toBe('Device not available');
});

test('a firmware update is answered at once, reports its progress and leaves a newer version', async () => {
  const { port } = await startSimulator({ speed: 40 });
  const client = await Client.open(port);
  await listenToUpdates(client);
  const before = await firmwarePatch(client, 1);
  const startedAt = performance.now();
  await client.response('UpdateFirmware', { DeviceId: 1, FwPath: 'C:\\fw\\suit.bin' });
  expect(client.events.map(({ Topic }) => Topic)).not.toContain('Done');
  expect((await client.response('ListDevices'))['Devices']).toContainEqual(
    expect.objectContaining({ DeviceId: 1, IsBootloader: true }),
  );
  expect(await client.code('UpdateFirmware', { DeviceId: 2, FwPath: 'a.hex' })).toBe('Busy');
  expect(await client.code('UpdateWifiModule', { DeviceId: 1, FwPath: 'a.hex' })).toBe('Busy');
  expect(await client.code('GetDeviceName', { DeviceId: 1 })).toBe('Device not available');
  expect(await client.code('GetDeviceName', { DeviceId: 2 })).toBeUndefined();

  expect((await client.event('Done')).EventData).toEqual({ PercentComplete: 100 });
  expect(performance.now() - startedAt).toBeGreaterThan(8000 / 40 - 20);
  const percents = client.events
    .filter(({ Topic }) => Topic === 'Progress')
    .map(({ EventData }) => Number(EventData['PercentComplete']));
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect([percents[0], percents.at(-1)]).toEqual([0, 100]);
  expect(client.events[0]).toMatchObject({ Topic: 'BootloaderConnected', EventData: { DeviceId: 1 } });
  expect(client.events.at(-1)?.Topic).toBe('Done');
  expect(client.events.at(-2)?.Topic).toBe('BootloaderDisconnected');
  expect(await firmwarePatch(client, 1)).toBe(before + 1);
  expect((await client.response('ListDevices'))['Devices']).toContainEqual(
    expect.objectContaining({ DeviceId: 1, IsBootloader: false }),
  );
});

test.each([
  ['bad-header.bin', undefined, 'Failure'],
  ['suit.docx', false, 'Failure'],
  ['bad-header.bin', true, 'Done'],
])('an update with %s and ForceUpdate %s ends in %s', async (FwPath, ForceUpdate, topic) => {
  const { port } = await startSimulator({ speed: 200 });
  const client = await Client.open(port);
  await listenToUpdates(client);
  const before = await firmwarePatch(client, 2);
  await client.response('UpdateFirmware', { DeviceId: 2, FwPath, ForceUpdate: ForceUpdate ?? null });
  const { EventData } = await client.event(topic);
  expect(Number(EventData['PercentComplete'])).toBeGreaterThan(0);
  if (topic === 'Failure') expect(EventData['ErrorMsg']).toEqual(expect.stringMatching(/./));
  expect(await firmwarePatch(client, 2)).toBe(topic === 'Done' ? before + 1 : before);
});

test('a device that goes away in the middle of its update fails it and can be updated later', async () => {
  const { port } = await startSimulator({ speed: 100 });
  const client = await Client.open(port);
  await listenToUpdates(client);
  await client.response('UpdateSensorFirmware', { DeviceId: 2, FwPath: 'a.bin' });
  await client.response('SimulatorDisconnectDevice', { DeviceId: 2 });
  await client.event('Failure');
  expect(await client.response('SimulatorConnectDevice')).toEqual({ DeviceId: 2 });
  expect(await client.code('UpdateSensorFirmware', { DeviceId: 2, FwPath: 'a.bin' })).toBeUndefined();
  await client.event('Done');
});
