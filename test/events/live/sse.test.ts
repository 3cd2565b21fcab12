import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SseClient } from '../../support/event-client.js';
import { problemOf, startBoth, until } from '../../support/gateway.js';

describe('a stream of server-sent events', () => {
  test('a stream of server-sent events has the head that browsers and proxies need', async () => {
    const { gateway } = await startBoth();
    const { response, retry } = await SseClient.open(gateway, '/v1/events?channel=Logs/Info');
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-track-id': expect.any(String) as string,
    });
    expect(response.headers['content-length']).toBeUndefined();
    expect(retry ?? 2000).toBe(2000);
  });

  test('a stream of server-sent events says what each message is, with an id that is its cursor', async () => {
    const { gateway, simulator } = await startBoth();
    const client = await SseClient.open(gateway, '/v1/events?channel=Logs/*&channel=$gateway/upstream');
    await until(() => client.events.length === 1);
    await until(() => simulator.subscriptionCount('Logs', 'Warning') === 1);
    simulator.emit('Logs', 'Warning', { n: 1 });
    await until(() => client.events.length === 2);
    simulator.dropConnections();
    await until(() =>
      client.events.some(({ type, data }) => type === 'upstream' && data.includes('"disconnected"')),
    );
    await until(() => client.of('gap').length === 3);
    expect(client.events[0]!.type).toBe('upstream');
    expect(client.messages[0]).toMatchObject({
      op: 'event',
      channel: '$gateway/upstream',
      event: { Publisher: '$gateway', Topic: 'upstream', EventData: { state: 'connected' } },
    });
    const [, event] = client.events;
    expect(event!.type).toBe('event');
    expect(client.messages[1]).toMatchObject({
      op: 'event',
      channel: 'Logs/Warning',
      cursor: event!.lastEventId,
    });
    const gaps = client.events.filter(({ type }) => type === 'gap');
    expect(gaps.map(({ data }) => JSON.parse(data) as unknown)).toMatchObject([
      { op: 'gap', cause: 'upstream-lost' },
      { op: 'gap', cause: 'upstream-lost' },
      { op: 'gap', cause: 'upstream-lost' },
    ]);
    expect(new Set(client.events.map(({ type }) => type))).toEqual(new Set(['event', 'gap', 'upstream']));
  });

  test('of several channels, of a wildcard, of a device, by query and by path', async () => {
    const { gateway, simulator } = await startBoth();
    const paths = [
      '/v1/events?channel=Logs/Info&channel=devices/1/DeviceLogs/Error',
      '/v1/events/Logs/*',
      '/v1/events/devices/*/DeviceLogs/Error',
      '/v1/events/devices/1/DeviceLogs/Error',
    ];
    const clients = await Promise.all(paths.map((path) => SseClient.open(gateway, path)));
    await until(() => simulator.subscriptionCount('DeviceLogs', 'Error', 4) === 1);
    await until(() => simulator.subscriptionCount('Logs', 'Error') === 1);
    simulator.emit('Logs', 'Info', { n: 1 });
    simulator.emit('DeviceLogs', 'Error', { n: 2 }, 1);
    simulator.emit('Logs', 'Error', { n: 3 });
    simulator.emit('DeviceLogs', 'Error', { n: 4 }, 4);
    simulator.emit('DeviceLogs', 'Error', { n: 5 }, 1);
    const wanted = [
      [1, 2, 5],
      [1, 3],
      [2, 4, 5],
      [2, 5],
    ];
    await until(() => clients.every((each, i) => each.numbers().length >= wanted[i]!.length));
    expect(clients.map((each) => each.numbers())).toEqual(wanted);
  });

  test('a stream of server-sent events is kept open by comments', async () => {
    const { gateway } = await startBoth({ pingInterval: 1 });
    const client = await SseClient.open(gateway, '/v1/events/Logs/Info');
    await until(() => client.comments.length >= 2);
    expect(client.events).toEqual([]);
  });

  test('a stream of server-sent events is unsubscribed at the studio when the client leaves', async () => {
    const { gateway, simulator } = await startBoth({ linger: 0 });
    const client = await SseClient.open(gateway, '/v1/events/Logs/Info');
    expect(simulator.subscriptionCount('Logs', 'Info')).toBe(1);
    client.close();
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 0);
    expect(await gateway.metric('rcsp_gateway_event_clients')).toBe(0);
  });

  test('whose client leaves before the studio has answered is not kept', async () => {
    const { gateway, simulator } = await startBoth({ linger: 0 });
    simulator.faults.add({ kind: 'late', delayMs: 300, command: 'Subscribe', count: 1 });
    const asked = gateway.app.eventClients.clients.count;
    const request = http.get(`${gateway.url}/v1/events/Logs/Info`, { agent: false });
    request.on('error', () => undefined);
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    request.destroy();
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 0);
    expect(gateway.app.eventClients.clients.count).toBe(asked);
  });

  test('in mode latest or at a limited rate gives less', async () => {
    const { gateway, simulator } = await startBoth();
    const slow = await SseClient.open(gateway, '/v1/events/Logs/Info?maxRateHz=5');
    const latest = await SseClient.open(gateway, '/v1/events/Logs/Info?mode=latest');
    for (let n = 1; n <= 50; n++) simulator.emit('Logs', 'Info', { n });
    await until(() => slow.numbers().includes(50) && latest.numbers().includes(50));
    expect(slow.numbers().length).toBeLessThan(10);
  });
});

describe('no stream, but a problem, is the answer to', () => {
  test.each([
    ['/v1/events', 400],
    ['/v1/events?channel=Logs', 400],
    ['/v1/events?channel=Logs/Info&channel=a/b/c', 400],
    ['/v1/events?channel=Logs/Info&mode=some', 400],
    ['/v1/events?channel=Logs/Info&maxRateHz=0', 400],
    ['/v1/events?channel=$gateway/nonsense', 400],
    ['/v1/events/devices/x/DeviceLogs/Info', 400],
    ['/v1/events/Logs', 404],
    ['/v1/events/Logs/Gossip', 400],
    ['/v1/events/devices/99/DeviceLogs/Info', 404],
  ])('%s', async (path, status) => {
    const { gateway } = await startBoth();
    expect(problemOf(await gateway.get(path)).status).toBe(status);
    expect(await gateway.metric('rcsp_gateway_event_clients')).toBe(0);
  });

  test('more channels than a client may have', async () => {
    const { gateway } = await startBoth({ maxSubscriptions: 2 });
    const reply = await gateway.get('/v1/events?channel=Logs/Info&channel=Logs/Error&channel=Logs/Warning');
    expect(problemOf(reply)).toMatchObject({ status: 429, code: 'Too many requests' });
  });

  test('HEAD, which ends', async () => {
    const { gateway } = await startBoth();
    const request = http
      .request(`${gateway.url}/v1/events/Logs/Info`, { method: 'HEAD', agent: false })
      .end();
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();
    await once(response, 'end');
    expect(await gateway.metric('rcsp_gateway_event_clients')).toBe(0);
  });
});

describe('the transfer coding of a stream', () => {
  /** Everything that a stream sent until an event was there, as raw bytes. */
  async function rawStream(version: string): Promise<string> {
    const { gateway, simulator } = await startBoth();
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString()));
    const { host } = new URL(gateway.url);
    socket.write(`GET /v1/events/Logs/Info HTTP/${version}\r\nHost: ${host}\r\n\r\n`);
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    await until(() => text.includes('retry: 2000'));
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => text.includes('"n":1'));
    return text;
  }

  test('the transfer coding of a stream is chunked in HTTP/1.1, one chunk for each write', async () => {
    const text = await rawStream('1.1');
    const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
    expect(head.toLowerCase()).toContain('transfer-encoding: chunked');
    const chunks: string[] = [];
    for (let rest = body; rest !== '';) {
      const [, size = '', after = ''] = /^([0-9a-f]+)\r\n(.*)$/s.exec(rest) ?? [];
      const length = parseInt(size, 16);
      chunks.push(after.slice(0, length));
      expect(after.slice(length, length + 2)).toBe('\r\n');
      rest = after.slice(length + 2);
    }
    expect(chunks[0]).toMatch(/^id: [0-9a-z]+:\d+\nretry: 2000\n\n$/);
    expect(chunks[1]).toMatch(/^id: [0-9a-z]+:1\nevent: event\ndata: \{.*"n":1.*\}\n\n$/);
  });

  test('the transfer coding of a stream is none in HTTP/1.0', async () => {
    const text = await rawStream('1.0');
    expect(text.toLowerCase()).not.toContain('transfer-encoding');
    expect(text).toMatch(/\r\n\r\nid: [0-9a-z]+:\d+\nretry: 2000\n\n/);
  });
});
