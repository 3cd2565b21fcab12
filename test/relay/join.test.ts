// @module-tag extended
import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createJoinToken, revokeJoinTokens } from '../../src/access/join-token-file.js';
import { startGateway, until } from '../support/gateway.js';
import { fileOf, hasJoined, joinAnswer, startJoined, startRelay } from '../support/relay.js';
import { newTokenFile } from '../support/access.js';

async function relayWith(...names: string[]) {
  const file = newTokenFile();
  const tokens = names.map((name) => createJoinToken(file, name, null));
  const relay = await startRelay({}, {}, file);
  const join = (token: string, name: string, headers = {}) =>
    joinAnswer(relay.url, { authorization: `Bearer ${token}`, 'rcsp-relay-name': name, ...headers });
  return { relay, tokens, join };
}

describe('GET /v1/relay', () => {
  test('answers 101 with the protocol to the token of the name', async () => {
    const { tokens, join } = await relayWith('stage');
    const { status, headers } = await join(tokens[0]!, 'stage');
    expect([status, headers.upgrade]).toEqual([101, 'rcsp-relay/1']);
  });

  test('answers 401 without a token and with a wrong one, 403 for another name, 400 without a name', async () => {
    const { relay, tokens, join } = await relayWith('stage', 'lab');
    expect(await joinAnswer(relay.url, { 'rcsp-relay-name': 'stage' })).toMatchObject({
      status: 401,
      code: 'Unauthorized',
      headers: { 'www-authenticate': 'Bearer realm="rcsp-relay"' },
    });
    expect(await join('rcspjoin_wrong', 'stage')).toMatchObject({ status: 401 });
    expect(await join(tokens[0]!, 'lab')).toMatchObject({ status: 403, code: 'Forbidden' });
    expect(await joinAnswer(relay.url, { authorization: `Bearer ${tokens[0]!}` })).toMatchObject({
      status: 400,
    });
  });

  test('answers 426 to other versions and to requests that do not upgrade', async () => {
    const { relay, tokens, join } = await relayWith('stage');
    expect(await join(tokens[0]!, 'stage', { upgrade: 'rcsp-relay/2' })).toMatchObject({
      status: 426,
      headers: { upgrade: 'rcsp-relay/1' },
    });
    expect(await join(tokens[0]!, 'stage', { upgrade: 'websocket' })).toMatchObject({ status: 426 });
    expect((await relay.get('/v1/relay')).status).toBe(426);
  });

  test('answers 409 while a gateway with another token has the name', async () => {
    const { tokens, join } = await relayWith('stage', 'stage');
    expect((await join(tokens[0]!, 'stage')).status).toBe(101);
    expect(await join(tokens[1]!, 'stage')).toMatchObject({ status: 409, code: 'Busy' });
    expect((await join(tokens[0]!, 'stage')).status).toBe(101);
  });

  test('answers 429 after too many wrong tokens from one address', async () => {
    const relay = await startRelay({ authRate: 2 });
    const statuses = [];
    for (let n = 0; n < 3; n += 1)
      statuses.push((await joinAnswer(relay.url, { authorization: 'Bearer wrong' })).status);
    expect(statuses).toEqual([401, 401, 429]);
  });
});

describe('a gateway that joins', () => {
  test('replaces its own older line, and what went through that ends', async () => {
    const { relay, tokenFile, url } = await startJoined();
    const second = await startGateway(1, {
      relay: relay.url,
      relayName: 'stage',
      relayTokenFile: tokenFile,
      tokens: newTokenFile(),
      tokenHashes: `x:read:${'0'.repeat(64)}`,
    });
    await until(() => second.app.relayLink?.status.state === 'connected');
    await until(() => relay.lines.some((line) => line.includes('has replaced this one')));
    expect((await fetch(`${url}/live`)).status).toBe(200);
  });

  test('loses its line when its token is revoked, and keeps trying', async () => {
    const { relay, gateway } = await startJoined();
    revokeJoinTokens(relay.tokens, 'stage');
    await until(() => gateway.lines.some((line) => line.includes('the relay answered 401')));
    const answer = await relay.get('/stage/live');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'Studio unreachable', outcome: 'not-sent' });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(gateway.app.relayLink?.reason).toContain('the relay answered 401');
  });

  test('joins once its token is there', async () => {
    const relay = await startRelay();
    const file = fileOf('rcspjoin_not-yet');
    const gateway = await startGateway(1, { relay: relay.url, relayName: 'stage', relayTokenFile: file });
    await until(() => gateway.lines.some((line) => line.includes('the relay answered 401')));
    writeFileSync(file, relay.tokenOf('stage'));
    await hasJoined(relay, 'stage');
  });

  test('a file of join tokens that cannot be read lets nobody join, and leaves lines alone', async () => {
    const { relay } = await startJoined();
    const token = relay.tokenOf('lab');
    writeFileSync(relay.tokens, 'no JSON');
    await until(async () => (await relay.get('/ready')).status === 503);
    expect(
      await joinAnswer(relay.url, { authorization: `Bearer ${token}`, 'rcsp-relay-name': 'lab' }),
    ).toMatchObject({
      status: 401,
    });
    expect((await relay.get('/stage/live')).status).toBe(200);
    rmSync(relay.tokens);
    await until(async () => (await relay.get('/stage/live')).status === 503);
  });
});
