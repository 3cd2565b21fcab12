import { describe, expect, test, vi } from 'vitest';
import { startBoth, until } from '../../support/gateway.js';
import { hasNoRtcbot, PythonPeer } from '../../support/python-peer.js';

describe.skipIf(hasNoRtcbot('dead peers'))('a peer of RTCBot, which answers no ping', () => {
  test('is known to be gone within 35 s after it was killed', async () => {
    const { gateway } = await startBoth({ rtc: true });
    const peer = new PythonPeer('rtcbot', `${gateway.url}/v1/rtc`);
    await peer.line(({ open }) => open === true);
    const { clients } = gateway.app.eventClients;
    await until(() => clients.count === 1);
    const killed = performance.now();
    peer.process.kill('SIGKILL');
    await vi.waitUntil(() => clients.count === 0, { timeout: 50_000, interval: 50 });
    expect(performance.now() - killed).toBeLessThan(35_000);
  });
});
