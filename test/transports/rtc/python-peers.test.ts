// @module-tag extended
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../../src/util/package-info.js';
import { counting, startBoth, until } from '../../support/gateway.js';
import { hasNoRtcbot, PYTHON, PythonPeer } from '../../support/python-peer.js';

const RTC = { rtc: true, logLevel: 'debug' };

describe.skipIf(hasNoRtcbot('RTCBot in Python'))('RTCConnection of rtcbot', () => {
  test('lists devices, hears events and colours an LED as it is', async () => {
    const { gateway, simulator } = await startBoth(RTC);
    const peer = new PythonPeer('rtcbot', `${gateway.url}/v1/rtc`);
    expect(await peer.line(({ answer }) => answer !== undefined)).toEqual({ answer: ['sdp', 'type'] });
    await peer.line(({ open }) => open === true);
    peer.tell({ put: { op: 'subscribe', id: 1, channels: ['Logs/Info'] } });
    peer.tell({ put: { op: 'command', id: 2, command: 'ListDevices' } });
    peer.tell({
      put: {
        op: 'command',
        id: 3,
        command: 'SetColorLed',
        arguments: { DeviceId: 2, LedId: 'RingLed', Red: 255, Green: 0, Blue: 0 },
      },
    });
    await until(() => peer.got.length >= 3);
    expect(peer.got).toContainEqual(expect.objectContaining({ op: 'subscribed', id: 1 }));
    expect(peer.got).toContainEqual(expect.objectContaining({ op: 'response', id: 2, status: 200 }));
    expect(peer.got).toContainEqual(expect.objectContaining({ op: 'response', id: 3, status: 204 }));
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => peer.got.length >= 4);
    expect(peer.got).toContainEqual(expect.objectContaining({ op: 'event', channel: 'Logs/Info' }));
  });

  test('sends text as a JSON string, which is taken as the text', async () => {
    const { gateway } = await startBoth(RTC);
    const peer = new PythonPeer('rtcbot', `${gateway.url}/v1/rtc`);
    peer.tell({ put: '{"op":"ping","id":"a"}' });
    peer.tell({ put: 'no message' });
    await until(() => peer.got.length >= 2);
    expect(peer.got).toEqual([{ op: 'pong', id: 'a' }, expect.objectContaining({ op: 'error', id: null })]);
  });

  test('that also asks for video gets its data channel', async () => {
    const { gateway } = await startBoth(RTC);
    const peer = new PythonPeer('rtcbot', `${gateway.url}/v1/rtc`, 'video');
    peer.tell({ put: { op: 'ping', id: 1 } });
    await until(() => peer.got.length >= 1);
    expect(peer.got).toEqual([{ op: 'pong', id: 1 }]);
  });

  test('that closes ends its session at once, and hears when the gateway ends', async () => {
    const { gateway } = await startBoth(RTC);
    const [leaving, staying] = [1, 2].map(() => new PythonPeer('rtcbot', `${gateway.url}/v1/rtc`));
    await leaving?.line(({ open }) => open === true);
    await staying?.line(({ open }) => open === true);
    await until(() => gateway.app.eventClients.clients.count === 2);
    leaving?.tell({ close: true });
    await until(() => gateway.app.eventClients.clients.count === 1);
    await gateway.app.close();
    // RTCBot hears of it by ICE at the latest, whose consent lasts for 30 s.
    await vi.waitUntil(() => staying?.lines.some(({ closed }) => closed === true), { timeout: 45_000 });
  });

  test('that stands still costs no more than its buffer, and is told what it missed', async () => {
    const { gateway, simulator } = await startBoth({ ...RTC, logLevel: 'info', clientBuffer: 65_536 });
    const peer = new PythonPeer('rtcbot', `${gateway.url}/v1/rtc`);
    await peer.line(({ open }) => open === true);
    peer.tell({ put: { op: 'subscribe', id: 1, channels: ['Logs/Info'] } });
    await until(() => peer.got.length >= 1);
    peer.process.kill('SIGSTOP');
    const dropped = () => gateway.metric('rcsp_gateway_events_dropped_total{reason="slow-client"}');
    let n = 0;
    while ((await dropped()) === 0)
      for (const end = n + 10; n < end; n++) simulator.emit('Logs', 'Info', { n, text: 'x'.repeat(8000) });
    // Its own buffer, what the SCTP stack holds, and what was on the way.
    expect(n * 8000).toBeLessThan(2 ** 20);
    peer.process.kill('SIGCONT');
    simulator.emit('Logs', 'Info', { n: 'last' });
    await peer.line(({ got }) => JSON.stringify(got ?? null).includes('"n":"last"'));
    expect(peer.got).toContainEqual(expect.objectContaining({ op: 'gap', cause: 'slow-client' }));
  });
});

describe.skipIf(hasNoRtcbot('aiortc'))('a data channel of aiortc', () => {
  test('gets one JSON text a message, none over 64 KiB', async () => {
    const { gateway, simulator } = await startBoth(RTC);
    const peer = new PythonPeer('aiortc', `${gateway.url}/v1/rtc`);
    await peer.line(({ open }) => open === true);
    peer.tell({ raw: '{"op":"subscribe","id":1,"channels":["Logs/Info"]}' });
    await until(() => peer.got.length >= 1);
    const fill = (size: number) => 'x'.repeat(size);
    simulator.emit('Logs', 'Info', { a: fill(65_000) });
    simulator.emit('Logs', 'Info', { a: fill(65_536) });
    simulator.emit('Logs', 'Info', { a: 1 });
    await until(() => peer.got.length >= 4);
    const texts = peer.got.map(String);
    expect(Math.max(...texts.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(65_536);
    expect(texts.map((text) => z.object({ op: z.string() }).parse(JSON.parse(text)).op)).toEqual([
      'subscribed',
      'event',
      'gap',
      'event',
    ]);
  });
});

describe.skipIf(hasNoRtcbot('the Python program of docs/webrtc.md'))(
  'the Python program of docs/webrtc.md',
  () => {
    test('lists devices, tells of buttons and colours an LED', async () => {
      const { gateway, simulator } = await startBoth(RTC);
      const [, program = ''] =
        /```python\n(.*?)```/s.exec(readFileSync(join(PACKAGE_ROOT, 'docs', 'webrtc.md'), 'utf8')) ?? [];
      const child = spawn(PYTHON, ['-u', '-c', program, gateway.url], { stdio: ['ignore', 'pipe', 'pipe'] });
      onTestFinished(() => void child.kill('SIGKILL'));
      let printed = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      const ran = counting(simulator);
      await until(() => printed.includes('device 4') && ran('SetColorLed') === 1);
      await until(() => simulator.subscriptionCount('DeviceEvents', 'ButtonPushed', 2) === 1);
      simulator.emit('DeviceEvents', 'ButtonPushed', { ButtonPushType: 'SinglePress' }, 2);
      await until(() => printed.includes('event devices/2/DeviceEvents/ButtonPushed'));
      expect(printed).toContain('SinglePress');
      expect(printed).not.toContain("'op': 'error'");
    });
  },
);
