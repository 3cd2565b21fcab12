// @module-tag extended
import { describe, expect, test } from 'vitest';
import { RateLimit } from '../../src/commands/rate-limit.js';
import type { Values } from '../../src/config/config.js';
import { GateSocket } from '../commands/socket.js';
import { addToken, bearer, newTokenFile, socketStatus, WRONG } from '../support/access.js';
import { counting, problemOf, startBoth, until } from '../support/gateway.js';
import type { Gateway, Reply } from '../support/gateway.js';
import { makeTokens } from '../support/tokens.js';

function expectTooMany(reply: Reply, maxSeconds: number): void {
  expect(problemOf(reply)).toMatchObject({ status: 429, code: 'Too many requests', outcome: 'not-sent' });
  const retryAfter = reply.headers.get('retry-after') ?? '';
  expect(retryAfter).toMatch(/^\d+$/);
  expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
  expect(Number(retryAfter)).toBeLessThanOrEqual(maxSeconds);
}

describe('a rate limit', () => {
  test('the limit admits its number of requests per client and refuses the next', async () => {
    const limit = new RateLimit(2, 60, 'Too many.');
    await limit.take('a');
    await limit.take('a');
    await expect(limit.take('a')).rejects.toMatchObject({ code: 'Too many requests', retryAfter: 60 });
    await limit.take('b');
  });

  test('a limit of 0 disables limiting', async () => {
    const limit = new RateLimit(0, 1, 'Too many.');
    for (let n = 0; n < 1000; n += 1) await limit.take('a');
  });
});

describe('wrong tokens', () => {
  async function start(settings: Values = {}): Promise<{ gateway: Gateway; token: string }> {
    const file = newTokenFile();
    const token = addToken(file, 'a');
    const { gateway } = await startBoth({ tokens: file, authRate: 5, ...settings });
    return { gateway, token };
  }

  test('wrong tokens are refused with 429 above the limit, while a valid token still passes', async () => {
    const { gateway, token } = await start();
    for (let n = 0; n < 5; n += 1) expect((await gateway.get('/v1/info', WRONG)).status).toBe(401);
    const reply = await gateway.get('/v1/info', WRONG);
    expectTooMany(reply, 60);
    expect(reply.headers.get('x-track-id')).not.toBeNull();
    expect((await gateway.get('/v1/info', bearer(token))).status).toBe(200);
    expect(await socketStatus(gateway, '/v1/ws', WRONG)).toBe(429);
    expect(await socketStatus(gateway, '/v1/ws', bearer(token))).toBe(101);
  });

  test('wrong tokens count wherever they are shown, tickets included', async () => {
    const { gateway } = await start();
    const statuses = [
      (await gateway.ask('PUT', '/v1/devices/1/name', { headers: WRONG })).status,
      (await gateway.get('/metrics', WRONG)).status,
      await socketStatus(gateway, '/v1/ws', WRONG),
      await socketStatus(gateway, '/v1/ws?ticket=wrong'),
      (await gateway.get('/v1/events/Logs/Info?ticket=wrong')).status,
    ];
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    expectTooMany(await gateway.get('/v1/events/Logs/Info?ticket=wrong'), 60);
  });

  test('a request without a token is not counted', async () => {
    const { gateway } = await start();
    for (let n = 0; n < 20; n += 1) expect((await gateway.get('/v1/info')).status).toBe(401);
    expect((await gateway.get('/v1/info', WRONG)).status).toBe(401);
  });

  test("wrong tokens count for the sender's address, whatever the client's headers name", async () => {
    const { gateway } = await start();
    for (let n = 0; n < 5; n += 1) {
      const headers = { ...WRONG, 'x-forwarded-for': `10.0.0.${n}` };
      expect((await gateway.get('/v1/info', headers)).status).toBe(401);
    }
    const headers = { ...WRONG, 'x-forwarded-for': '10.0.1.1' };
    expectTooMany(await gateway.get('/v1/info', headers), 60);
  });

  test('wrong tokens count for the address that a trusted proxy forwards', async () => {
    const { gateway } = await start({ trustProxy: true });
    const ask = (address: string): Promise<Reply> =>
      gateway.get('/v1/info', { ...WRONG, 'x-forwarded-for': address });
    for (let n = 0; n < 5; n += 1) expect((await ask('10.0.0.1')).status).toBe(401);
    expectTooMany(await ask('10.0.0.1'), 60);
    expectTooMany(await ask('10.0.0.2, 10.0.0.1'), 60);
    expect((await ask('10.0.0.2')).status).toBe(401);
  });
});

describe('commands', () => {
  const RATE = 3;

  async function start(): Promise<Awaited<ReturnType<typeof startBoth>> & ReturnType<typeof makeAll>> {
    const all = makeAll();
    return { ...(await startBoth({ tokens: all.tokens.file, commandRate: RATE })), ...all };
  }

  function makeAll(): { tokens: ReturnType<typeof makeTokens<'a' | 'b'>> } {
    return { tokens: makeTokens({ a: 'control', b: 'control' }) };
  }

  function rename(gateway: Gateway, headers: Record<string, string>): Promise<Reply> {
    return gateway.ask('PUT', '/v1/devices/1/name', { body: { DeviceName: 'x' }, headers });
  }

  /** Asks until the limit is met; on a slow machine the second may be over before. */
  async function exhaust(ask: () => Promise<boolean>): Promise<void> {
    await until(async () => (await Promise.all([ask(), ask(), ask(), ask(), ask(), ask()])).includes(true));
  }

  test("commands over the limit are refused with 429, and another token's are not", async () => {
    const { gateway, simulator, tokens } = await start();
    const count = counting(simulator);
    const replies: Reply[] = [];
    await exhaust(async () => {
      const reply = await rename(gateway, tokens.as('a'));
      replies.push(reply);
      return reply.status === 429;
    });
    const refused = replies.filter(({ status }) => status === 429);
    for (const reply of refused) expectTooMany(reply, 1);
    expect(replies.map(({ status }) => status).every((status) => status === 204 || status === 429)).toBe(
      true,
    );
    expect(count('SetDeviceName')).toBe(replies.length - refused.length);
    expect((await rename(gateway, tokens.as('b'))).status).toBe(204);
    await until(async () => (await rename(gateway, tokens.as('a'))).status === 204);
  });

  test('commands count alike over WebSocket, every route and every connection of a token', async () => {
    const { gateway, tokens } = await start();
    const sockets = [
      await GateSocket.connect(gateway, tokens.as('a')),
      await GateSocket.connect(gateway, tokens.as('a')),
    ];
    const bySocket = async (socket: GateSocket): Promise<number> => {
      const { status, error } = await socket.command('GetDeviceName', { DeviceId: 1 });
      return Number(status ?? (error as { status: number }).status);
    };
    const byName = async (): Promise<number> =>
      (await gateway.ask('POST', '/v1/commands/Info', { body: {}, headers: tokens.as('a') })).status;
    const byRoute = async (): Promise<number> => (await gateway.get('/v1/info', tokens.as('a'))).status;
    // Six at once and three a second: however they fall into seconds, one of many rounds is over the limit.
    const ways = [() => bySocket(sockets[0]!), () => bySocket(sockets[1]!), byName, byRoute];
    for (const last of ways) {
      await until(async () => {
        const round = Promise.all([...ways, ...ways].map((way) => way()));
        return (await last()) === 429 && (await round).filter((status) => status === 200).length <= 2 * RATE;
      });
    }
  });

  test('commands of a token without the scope are not counted, because they are not sent', async () => {
    const tokens = makeTokens({ a: 'read' });
    const { gateway } = await startBoth({ tokens: tokens.file, commandRate: 2 });
    for (let n = 0; n < 10; n += 1) expect((await rename(gateway, tokens.as('a'))).status).toBe(403);
    expect((await gateway.get('/v1/info', tokens.as('a'))).status).toBe(200);
  });

  test('commands are not limited by default', async () => {
    const tokens = makeTokens({ a: 'read' });
    const { gateway } = await startBoth({ tokens: tokens.file });
    const replies = await Promise.all(
      Array.from({ length: 200 }, () => gateway.get('/v1/devices/1/name', tokens.as('a'))),
    );
    expect(replies.every(({ status }) => status === 200)).toBe(true);
  });
});
