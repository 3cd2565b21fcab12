import { expect, test } from 'vitest';
import { startBoth, startGateway, startScripted, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { freePort } from '../support/scripted-server.js';

const SECRET = 'tr0ub4dor-and-3';

function requestLines(gateway: Gateway, trackId: string | null) {
  return gateway.log.filter((line) => line['trackId'] === trackId);
}

test('every request leaves one line that carries its track id', async () => {
  const { gateway, simulator } = await startBoth();
  simulator.faults.add({ kind: 'error', command: 'SetFrameRate', code: 'Busy' });
  const replies = [
    await gateway.get('/v1/devices'),
    await gateway.put('/v1/devices/1/name', { DeviceName: 'A' }),
    await gateway.put('/v1/devices/1/frame-rate', { FrameRate: 60 }),
    await gateway.call('Nonsense'),
    await gateway.get('/v1/devices/x/name'),
    await gateway.get('/v1/nothing'),
    await gateway.ask('PUT', '/v1/devices/1/name', {
      raw: '{',
      headers: { 'content-type': 'application/json' },
    }),
  ];
  for (const { headers, status } of replies) {
    const trackId = headers.get('x-track-id');
    await until(() => requestLines(gateway, trackId).some(({ msg }) => msg === 'request'));
    expect(requestLines(gateway, trackId).filter(({ msg }) => msg === 'request')).toMatchObject([{ status }]);
  }
  const busy = requestLines(gateway, replies[2]!.headers.get('x-track-id'));
  expect(busy.at(-1)).toMatchObject({
    method: 'PUT',
    path: '/v1/devices/1/frame-rate',
    status: 409,
    command: 'SetFrameRate',
    code: 'Busy',
    durationMs: expect.any(Number) as number,
  });
});

test('every line about a request names it: nothing of it is logged without a track id', async () => {
  const { gateway } = await startBoth();
  const before = gateway.lines.length;
  const { headers } = await gateway.get('/v1/devices/99/name');
  await until(() => gateway.lines.length > before);
  const own = gateway.log.slice(before);
  expect(own.every((line) => line['trackId'] === headers.get('x-track-id'))).toBe(true);
});

test('a URL that cannot be read leaves a line with its track id, too', async () => {
  const { gateway } = await startBoth();
  const before = gateway.lines.length;
  const { json } = await gateway.get('/v1/devices/%zz/name');
  const { trackId } = json as { trackId: string };
  expect(requestLines(gateway, trackId)).not.toEqual([]);
  expect(gateway.lines.length).toBeGreaterThan(before);
});

test('the studio sees the track id that the answer carries', async () => {
  const { gateway, server } = await startScripted(() => ({}));
  const { headers } = await gateway.get('/v1/devices/1/name');
  expect(server.named('GetDeviceName')[0]?.trackId).toBe(headers.get('x-track-id'));
});

const settings = {
  HubAddr: 1,
  DhcpMode: 1,
  ChannelNo: 44,
  SecurityType: 'WPA2',
  ServerIp: '10.0.0.1',
  ServerPort: 14041,
  DeviceIp: '10.0.0.2',
  Gateway: '10.0.0.254',
  Band: 1,
  Ssid: { Raw: [83], Str: 'S' },
  Psk: { Raw: Array.from(Buffer.from(SECRET)), Str: SECRET },
};
const production = {
  DeviceId: 2,
  HwVersion: { Major: 3, Minor: 1 },
  DeviceType: 'Smartgloves',
  ProdBoardId: 7,
  ProdDate: 20261121,
  ProdEpoch: 1_790_000_000,
  Password: SECRET,
};

test.each(['trace', 'debug', 'info'])('no secret is in the log at %s', async (logLevel) => {
  const { gateway, simulator } = await startBoth({ logLevel });
  const json = { 'content-type': 'application/json' };
  const statuses = [
    await gateway.put('/v1/devices/1/network', { Settings: settings }),
    await gateway.get('/v1/devices/1/network'),
    await gateway.call('SetNetworkConfiguration', { DeviceId: 1, Settings: settings }),
    // Refused by the gateway, at every depth.
    await gateway.put('/v1/devices/1/network', { Settings: { ...settings, Psk: SECRET } }),
    await gateway.put('/v1/devices/1/network', {
      Settings: { ...settings, Psk: { Raw: [SECRET], Str: SECRET } },
    }),
    await gateway.put('/v1/devices/1/network', { Settings: SECRET }),
    await gateway.put('/v1/devices/1/network', { Settings: { ...settings, Band: SECRET } }),
    await gateway.call('SetNetworkConfiguration', { Settings: settings, DeviceId: SECRET }),
    await gateway.ask('PUT', '/v1/devices/1/network', { raw: `{"Psk":"${SECRET}",}`, headers: json }),
    await gateway.ask('PUT', '/v1/devices/1/network', { raw: `Psk=${SECRET}` }),
    // A discovered command: taken, and refused by the studio and by the gateway.
    await gateway.call('SetProductionInfo', production),
    await gateway.call('SetProductionInfo', { ...production, Password: [SECRET] }),
    await gateway.call('SetProductionInfo', { ...production, DeviceId: undefined }),
    await gateway.call('NobodyKnowsThis', { Password: SECRET, Psk: SECRET, Nested: { Token: SECRET } }),
    // In a URL, where it does not belong.
    await gateway.get(`/v1/devices?token=${SECRET}`),
    await gateway.get(`/v1/publishers?DeviceId=${SECRET}`),
    await gateway.get(`/nothing?ticket=${SECRET}`),
    await gateway.get(`/v1/devices/%zz/name?token=${SECRET}`),
    await gateway.get('/v1/info', { authorization: `Bearer ${SECRET}`, cookie: `token=${SECRET}` }),
  ].map(({ status }) => status);
  expect(statuses.slice(0, 3)).toEqual([204, 200, 204]);
  // And when it was on its way while something broke.
  simulator.faults.add({ kind: 'garble', command: 'SetNetworkConfiguration', count: 1 });
  await gateway.put('/v1/devices/1/network', { Settings: settings });
  simulator.faults.add({ kind: 'drop', command: 'SetNetworkConfiguration', count: 1 });
  await gateway.put('/v1/devices/1/network', { Settings: settings });
  await gateway.post('/v1/subscribe', { Publishers: [{ Publisher: 'Logs', Topics: ['Info'] }] });
  simulator.emit('Logs', 'Info', { LogMsg: 'x', Psk: SECRET, Nested: [{ Password: SECRET }] });
  await until(
    async () => (await gateway.metric('rcsp_gateway_events_total{publisher="Logs",topic="Info"}')) === 1,
  );
  const log = gateway.lines.join('');
  expect(log).not.toContain(SECRET);
  expect(log).not.toContain(Buffer.from(SECRET).join(','));
});

test('a problem never shows a rejected value', async () => {
  const { gateway } = await startBoth();
  const { text } = await gateway.put('/v1/devices/1/network', { Settings: { ...settings, Psk: SECRET } });
  expect(text).toContain('body.Settings.Psk');
  expect(text).not.toContain(SECRET);
});

test('a studio that is absent at the start is logged with its address', async () => {
  const port = await freePort();
  const gateway = await startGateway(port, { logLevel: 'info' });
  await until(() => gateway.log.some(({ msg }) => String(msg).includes(`127.0.0.1:${port}`)));
});
