import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { revokeToken } from '../../../src/access/token-file.js';
import { bearer, temporaryFolder } from '../../support/access.js';
import { Cli } from '../../support/cli.js';
import { problemOf, startBoth, startGateway, startScripted, until } from '../../support/gateway.js';
import type { Gateway } from '../../support/gateway.js';
import { makeOffer, RtcClient } from '../../support/rtc-client.js';
import { eventFrame } from '../../support/scripted-server.js';
import { makeTokens } from '../../support/tokens.js';

const RTC = { rtc: true, logLevel: 'debug' };

function dataUrl(script: string): string {
  return `data:text/javascript;base64,${Buffer.from(script).toString('base64')}`;
}

function clients(gateway: Gateway): number {
  return gateway.app.eventClients.clients.count;
}

describe('POST /v1/rtc', () => {
  test.each(['application/json', 'text/plain;charset=UTF-8'])(
    'answers an offer of the type %s with exactly type and sdp, in JSON',
    async (type) => {
      const { gateway } = await startBoth(RTC);
      const { sdp } = await makeOffer();
      const raw = JSON.stringify({ type: 'offer', sdp });
      const answer = await gateway.ask('POST', '/v1/rtc', { raw, headers: { 'content-type': type } });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toContain('application/json');
      expect(answer.json).toEqual({ type: 'answer', sdp: expect.stringMatching(/^v=0\r\n/) });
      expect(answer.text).toContain('a=candidate:');
    },
  );

  test.each([
    ['an sdp that is no SDP', { type: 'offer', sdp: 'hello' }],
    [
      'an offer without a data channel',
      { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n' },
    ],
    [
      'an offer without a fingerprint',
      { type: 'offer', sdp: 'v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n' },
    ],
    ['an answer', { type: 'answer', sdp: 'v=0\r\n' }],
    ['an sdp that is a number', { type: 'offer', sdp: 5 }],
    ['a list', []],
  ])('refuses %s with 400', async (_, body) => {
    const { gateway } = await startBoth(RTC);
    const raw = JSON.stringify(body);
    for (const type of ['application/json', 'text/plain']) {
      const reply = await gateway.ask('POST', '/v1/rtc', { raw, headers: { 'content-type': type } });
      expect(problemOf(reply)).toMatchObject({ status: 400, code: 'Invalid request', outcome: 'not-sent' });
    }
  });

  test('refuses text that is no JSON with 400, and other types with 415', async () => {
    const { gateway } = await startBoth(RTC);
    const ask = (type: string) =>
      gateway.ask('POST', '/v1/rtc', { raw: 'v=0', headers: { 'content-type': type } });
    expect(problemOf(await ask('text/plain')).status).toBe(400);
    expect(problemOf(await ask('application/sdp')).status).toBe(415);
  });

  test('spoilt offers never end the gateway', async () => {
    const { gateway } = await startBoth(RTC);
    const { sdp } = await makeOffer();
    const lines = sdp.split('\r\n');
    const spoilt = lines.flatMap((line, i) => [
      lines.toSpliced(i, 1),
      lines.toSpliced(i, 1, line.slice(0, line.length / 2)),
      lines.toSpliced(i, 1, line.replace(/\d+/, '99999999999999999999')),
    ]);
    for (const each of spoilt) {
      const reply = await gateway.post('/v1/rtc', { type: 'offer', sdp: each.join('\r\n') });
      expect([200, 400, 429]).toContain(reply.status);
    }
    expect((await gateway.get('/live')).status).toBe(200);
  });

  test('answers 404 without --rtc', async () => {
    const gateway = await startGateway(1);
    const reply = await gateway.post('/v1/rtc', { type: 'offer', sdp: 'v=0' });
    expect(problemOf(reply)).toMatchObject({ status: 404, code: 'Not found' });
    expect(problemOf(await gateway.get('/v1/rtc/ice')).status).toBe(404);
  });

  test('needs a token, which a ticket stands for once', async () => {
    const tokens = makeTokens({ viewer: 'read' });
    const { gateway } = await startBoth({ ...RTC, tokens: tokens.file });
    expect((await gateway.post('/v1/rtc', { type: 'offer', sdp: 'v=0' })).status).toBe(401);
    const { ticket } = z
      .object({ ticket: z.string() })
      .parse((await gateway.ask('POST', '/v1/tickets', { headers: tokens.as('viewer') })).json);
    const path = `/v1/rtc?ticket=${ticket}`;
    const client = await RtcClient.connect(gateway, { path });
    client.send({
      op: 'command',
      id: 1,
      command: 'SetDeviceName',
      arguments: { DeviceId: 1, DeviceName: 'x' },
    });
    expect(await client.next('error')).toMatchObject({ id: 1, error: { status: 403, code: 'Forbidden' } });
    expect((await gateway.post(path, { type: 'offer', sdp: 'v=0' })).status).toBe(401);
  });

  test('all connections use the port of --rtc-port', async () => {
    const { gateway } = await startBoth({ ...RTC, rtcPort: 40_917 });
    const both = [await RtcClient.connect(gateway), await RtcClient.connect(gateway)];
    for (const { sdp } of both) {
      const ports = Array.from(sdp.matchAll(/^a=candidate:.* (\d+) typ host/gm), ([, port]) => port);
      expect(new Set(ports)).toEqual(new Set(['40917']));
    }
  });
});

describe('the data channel', { tags: ['extended'] }, () => {
  test('carries subscriptions, events, commands and pings, one JSON text a message', async () => {
    const { gateway, simulator } = await startBoth(RTC);
    const client = await RtcClient.connect(gateway);
    client.send({ op: 'subscribe', id: 1, channels: ['Logs/Info'] });
    expect(await client.next('subscribed')).toMatchObject({ id: 1 });
    for (let n = 1; n <= 3; n++) simulator.emit('Logs', 'Info', { n });
    await client.next('event', 3);
    expect(client.of('event')).toMatchObject(
      [1, 2, 3].map((n) => ({ channel: 'Logs/Info', event: { EventData: { n } } })),
    );
    client.send({ op: 'command', id: 2, command: 'GetDeviceName', arguments: { DeviceId: 1 } });
    expect(await client.next('response')).toMatchObject({ id: 2, status: 200 });
    client.send({ op: 'ping', id: 3 });
    expect(await client.next('pong')).toEqual({ op: 'pong', id: 3 });
  });

  test('takes a message that is written as a JSON string as the text in it', async () => {
    const { gateway } = await startBoth(RTC);
    const client = await RtcClient.connect(gateway);
    client.send(JSON.stringify('{"op":"ping","id":1}'));
    expect(await client.next('pong')).toEqual({ op: 'pong', id: 1 });
    client.send('abc');
    client.send('"abc"');
    client.sendBytes(Buffer.from('{"op":"ping"}'));
    await client.next('error', 3);
    expect(client.of('error').map(({ id }) => id)).toEqual([null, null, null]);
  });

  test('tells an event of more than 64 KiB as a gap, and answers as an error', async () => {
    const { gateway, server } = await startScripted(
      (own) => ({ Big: (command) => own.ok(command, { Text: 'x'.repeat(70_000) }) }),
      RTC,
    );
    const client = await RtcClient.connect(gateway);
    client.send({ op: 'subscribe', id: 1, channels: ['Logs/Info'] });
    await client.next('subscribed');
    const studio = server.named('Subscribe').at(-1)?.connection;
    studio?.raw(eventFrame('Logs', 'Info', { n: 1 }));
    studio?.raw(eventFrame('Logs', 'Info', { n: 2, text: 'x'.repeat(70_000) }));
    studio?.raw(eventFrame('Logs', 'Info', { n: 3 }));
    await client.next('event', 2);
    const gap = await client.next('gap');
    expect(gap).toEqual({
      op: 'gap',
      channel: 'Logs/Info',
      from: expect.stringMatching(/:2$/),
      to: gap['from'],
      cause: 'too-large',
    });
    client.send({ op: 'command', id: 'big', command: 'Big' });
    expect(await client.next('error')).toMatchObject({
      id: 'big',
      error: { status: 413, code: 'Payload too large' },
    });
  });

  test('answers a message of more than 64 KiB with an error, and goes on', async () => {
    const { gateway } = await startBoth(RTC);
    const client = await RtcClient.connect(gateway);
    client.send({ op: 'ping', id: 7, text: 'x'.repeat(65_536) });
    expect(await client.next('error')).toMatchObject({ id: 7, error: { status: 413 } });
    client.send({ op: 'ping', id: 8 });
    expect(await client.next('pong')).toEqual({ op: 'pong', id: 8 });
  });

  test('ends its session at once when the client closes it', async () => {
    const { gateway } = await startBoth(RTC);
    const [one, other] = [await RtcClient.connect(gateway), await RtcClient.connect(gateway)];
    await until(() => clients(gateway) === 2);
    expect(await gateway.metric('rcsp_gateway_clients{transport="webrtc"}')).toBe(2);
    const started = performance.now();
    one.closeChannel();
    other.close();
    await until(() => clients(gateway) === 0);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(await gateway.metric('rcsp_gateway_rtc_connections_total{result="opened"}')).toBe(2);
  });

  test('is closed when the token is revoked', async () => {
    const tokens = makeTokens({ viewer: 'read' });
    const { gateway } = await startBoth({ ...RTC, tokens: tokens.file });
    const client = await RtcClient.connect(gateway, { headers: bearer(tokens.of.viewer) });
    revokeToken(tokens.file, 'viewer');
    await until(() => client.isClosed && clients(gateway) === 0);
  });

  test('holds the control lease as a WebSocket does, and is named in the audit', async () => {
    const tokens = makeTokens({ anna: 'control', chief: 'admin' });
    const { gateway } = await startBoth({ ...RTC, tokens: tokens.file });
    const client = await RtcClient.connect(gateway, { headers: tokens.as('chief') });
    client.send({ op: 'subscribe', id: 1, channels: ['$gateway/audit'] });
    await client.next('subscribed');
    client.send({
      op: 'command',
      id: 2,
      command: 'SetDeviceName',
      arguments: { DeviceId: 1, DeviceName: 'x' },
    });
    expect(await client.next('event')).toMatchObject({
      event: { EventData: { who: 'chief', via: 'webrtc', command: 'SetDeviceName', outcome: 'ok' } },
    });
  });

  test('is pinged every 4 s, and a client that stops to answer is gone within 10 s', async () => {
    const { gateway } = await startBoth(RTC);
    const [answering, silent] = [
      await RtcClient.connect(gateway, { answersPings: true }),
      await RtcClient.connect(gateway),
    ];
    await answering.next('ping', 2);
    expect(answering.texts).toEqual(['{"op":"ping"}', '{"op":"ping"}']);
    const stopped = performance.now();
    answering.answersPings = false;
    await until(() => answering.isClosed);
    expect(performance.now() - stopped).toBeLessThan(10_500);
    expect(silent.isClosed).toBe(false);
    expect(clients(gateway)).toBe(1);
  });

  test('that does not open within 15 s is given up on, with a log line and a metric', async () => {
    const { gateway } = await startBoth(RTC);
    const { sdp } = await makeOffer();
    await gateway.post('/v1/rtc', { type: 'offer', sdp });
    await until(() => gateway.log.some(({ report }) => report === 'not-opened'));
    expect(await gateway.metric('rcsp_gateway_rtc_connections_total{result="not-opened"}')).toBe(1);
  });

  test('of a client at the limit of clients is refused, with 503', async () => {
    const { gateway } = await startBoth({ ...RTC, maxClients: 1 });
    await RtcClient.connect(gateway);
    await until(() => clients(gateway) === 1);
    const { sdp } = await makeOffer();
    expect(problemOf(await gateway.post('/v1/rtc', { type: 'offer', sdp })).code).toBe('Too busy');
  });

  test('with another label than default is closed', async () => {
    const { gateway } = await startBoth(RTC);
    const client = await RtcClient.connect(gateway, { label: 'other' });
    await until(() => client.isClosed);
    expect(clients(gateway)).toBe(0);
  });

  test('ends with the gateway', async () => {
    const { gateway } = await startBoth(RTC);
    const client = await RtcClient.connect(gateway);
    await until(() => clients(gateway) === 1);
    await gateway.app.close();
    await until(() => client.isClosed);
  });
});

describe('GET /v1/rtc/ice', () => {
  test('gives each caller credentials for TURN that its secret proves', async () => {
    const file = join(temporaryFolder(), 'secret');
    writeFileSync(file, 'north-sea\n', { mode: 0o600 });
    const tokens = makeTokens({ viewer: 'read' });
    const { gateway } = await startBoth({
      ...RTC,
      tokens: tokens.file,
      iceServer: ['stun:stun.example:3478', 'turn:turn.example:3478?transport=udp'],
      turnSecretFile: file,
    });
    const reply = await gateway.get('/v1/rtc/ice', tokens.as('viewer'));
    const { iceServers, ttl } = z
      .strictObject({ iceServers: z.array(z.record(z.string(), z.string())), ttl: z.number() })
      .parse(reply.json);
    expect(ttl).toBe(3600);
    expect(iceServers[0]).toEqual({ urls: 'stun:stun.example:3478' });
    const { username = '', credential } = iceServers[1] ?? {};
    const [expiry, name] = username.split(':');
    expect(name).toBe('viewer');
    expect(Number(expiry) - Date.now() / 1000).toBeGreaterThan(3500);
    expect(credential).toBe(createHmac('sha1', 'north-sea').update(username).digest('base64'));
  });

  test('gives an empty list without --ice-server', async () => {
    const { gateway } = await startBoth(RTC);
    expect((await gateway.get('/v1/rtc/ice')).json).toEqual({ iceServers: [], ttl: 3600 });
  });
});

describe('serve --rtc', { tags: ['extended'] }, () => {
  test('without the library ends with one line and exit code 2', async () => {
    const hook = `export async function resolve(name, context, next) {
      if (name === 'node-datachannel') throw new Error('it is not installed');
      return next(name, context);
    }`;
    const register = `import { register } from 'node:module'; register('${dataUrl(hook)}');`;
    const cli = new Cli(['serve', '--simulate', '--rtc', '--listen', '127.0.0.1:0'], {
      NODE_OPTIONS: `--import=${dataUrl(register)}`,
    });
    const { code, stderr } = await cli.end();
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toEqual([
      'rcsp-gateway: --rtc needs the package node-datachannel (npm install node-datachannel): it is not installed',
    ]);
  });
});
