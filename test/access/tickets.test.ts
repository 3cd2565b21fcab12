// @module-tag extended
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Principal } from '../../src/access/scope.js';
import { revokeToken } from '../../src/access/token-file.js';
import { TICKET_SECONDS, Tickets } from '../../src/access/tickets.js';
import { addToken, bearer, newTokenFile, socketStatus } from '../support/access.js';
import { EventClient, SseClient } from '../support/event-client.js';
import { problemOf, startBoth, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { makeTokens } from '../support/tokens.js';
import type { Tokens } from '../support/tokens.js';

const WHO: Principal = { name: 'page', scope: 'read', key: 'k' };
type Name = 'reader' | 'operator';

const Answer = z.strictObject({ ticket: z.string().min(40), expiresIn: z.literal(30) });

async function ticketFor(gateway: Gateway, token: string): Promise<string> {
  const reply = await gateway.ask('POST', '/v1/tickets', { headers: bearer(token) });
  expect(reply.status).toBe(200);
  expect(reply.headers.get('cache-control')).toBe('no-store');
  return Answer.parse(reply.json).ticket;
}

async function start(): Promise<{ gateway: Gateway; tokens: Tokens<Name> }> {
  const tokens = makeTokens({ reader: 'read', operator: 'control' });
  const { gateway } = await startBoth({ tokens: tokens.file });
  return { gateway, tokens };
}

describe('Tickets', () => {
  test('a ticket stands for its owner exactly once', () => {
    const tickets = new Tickets();
    const [first, second] = [tickets.issue(WHO, 0), tickets.issue({ ...WHO, name: 'other' }, 0)];
    expect(first).not.toBe(second);
    expect(tickets.redeem(second, 1)?.name).toBe('other');
    expect(tickets.redeem(first, 1)).toEqual(WHO);
    expect(tickets.redeem(first, 1)).toBeUndefined();
  });

  test('a ticket is valid for 30 s and not a millisecond more', () => {
    expect(TICKET_SECONDS).toBe(30);
    const tickets = new Tickets();
    const [first, second] = [tickets.issue(WHO, 1000), tickets.issue(WHO, 1000)];
    expect(tickets.redeem(first, 30_999)).toEqual(WHO);
    expect(tickets.redeem(second, 31_000)).toBeUndefined();
    expect(tickets.redeem(second, 1000)).toBeUndefined();
  });

  test('an unknown ticket is refused', () => {
    const tickets = new Tickets();
    for (const text of ['', 'x', '__proto__', 'undefined']) expect(tickets.redeem(text, 0)).toBeUndefined();
  });

  test('a ticket that was used or is too old is remembered as spent, and no other', () => {
    const tickets = new Tickets();
    const [used, open, late] = [tickets.issue(WHO, 0), tickets.issue(WHO, 0), tickets.issue(WHO, 0)];
    tickets.redeem(used, 1);
    tickets.redeem('unknown', 1);
    expect(['unknown', used, open, late].map((each) => tickets.isSpent(each))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    tickets.redeem(late, 30_000);
    tickets.issue(WHO, 30_000);
    expect([open, late].map((each) => tickets.isSpent(each))).toEqual([true, true]);
  });

  test('the number of open tickets is bounded, and the oldest make room', () => {
    const tickets = new Tickets();
    const who = (n: number): typeof WHO => ({ ...WHO, key: `${n % 10}` });
    for (let n = 0; n < 10_000; n += 1) tickets.issue(who(n), n < 100 ? 0 : 1000);
    const late = { ...WHO, key: 'late' };
    expect(() => tickets.issue(late, 29_999)).toThrow('Too many tickets');
    expect(tickets.issue(late, 30_000)).toMatch(/^[\w-]{43}$/);
  });
});

describe('a ticket', () => {
  test.each(['/v1/ws', '/v1/ws/Logs/Info', '/v1/ws/Logs/*', '/v1/ws/devices/1/DeviceLogs/Info'])(
    'a ticket opens the WebSocket %s, once',
    async (path) => {
      const { gateway, tokens } = await start();
      const ticket = await ticketFor(gateway, tokens.of.reader);
      expect(await socketStatus(gateway, `${path}?ticket=${ticket}`)).toBe(101);
      expect(await socketStatus(gateway, `${path}?ticket=${ticket}`)).toBe(401);
    },
  );

  test.each([
    '/v1/events?channel=Logs/Info',
    '/v1/events/Logs/Info?',
    '/v1/events/devices/1/DeviceLogs/Info?',
  ])('a ticket opens the stream %s, once', async (path) => {
    const { gateway, tokens } = await start();
    const ticket = await ticketFor(gateway, tokens.of.reader);
    const stream = await SseClient.open(gateway, `${path}&ticket=${ticket}`);
    expect(stream.response.headers['content-type']).toMatch(/^text\/event-stream/);
    expect(problemOf(await gateway.get(`${path}&ticket=${ticket}`)).code).toBe('Unauthorized');
  });

  test('a ticket is used once whichever way it is used first', async () => {
    const { gateway, tokens } = await start();
    const ticket = await ticketFor(gateway, tokens.of.reader);
    const query = `?ticket=${ticket}`;
    const statuses = await Promise.all([
      socketStatus(gateway, `/v1/ws${query}`),
      socketStatus(gateway, `/v1/ws/Logs/Info${query}`),
      socketStatus(gateway, `/v1/ws${query}`),
    ]);
    expect(statuses.sort()).toEqual([101, 401, 401]);
  });

  test('that was used counts against itself when it is shown again, not against its address', async () => {
    const tokens = makeTokens({ reader: 'read', operator: 'control' });
    const { gateway } = await startBoth({ tokens: tokens.file, authRate: 2 });
    const ticket = await ticketFor(gateway, tokens.of.reader);
    const statuses: (number | undefined)[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push(await socketStatus(gateway, `/v1/ws?ticket=${ticket}`));
    expect(statuses).toEqual([101, 401, 401, 429]);
    expect(await socketStatus(gateway, '/v1/ws?ticket=wrong')).toBe(401);
    expect(await socketStatus(gateway, '/v1/ws?ticket=wrong')).toBe(401);
    expect(await socketStatus(gateway, '/v1/ws?ticket=wrong')).toBe(429);
  });

  test.each([
    ['GET', '/v1/info'],
    ['GET', '/v1/devices/1/name'],
    ['PUT', '/v1/devices/1/name'],
    ['POST', '/v1/commands/Info'],
    ['POST', '/v1/tickets'],
    ['GET', '/v1/history'],
    ['GET', '/v1/jobs'],
    ['GET', '/v1/lease'],
    ['GET', '/metrics'],
  ])('a ticket is worth nothing for %s %s, and is not used up there', async (method, path) => {
    const { gateway, tokens } = await start();
    const ticket = await ticketFor(gateway, tokens.of.operator);
    const { status } = await gateway.ask(method, `${path}?ticket=${ticket}&channel=Logs/Info`);
    expect(status).toBe(401);
    const { status: asToken } = await gateway.ask(method, path, { headers: bearer(ticket) });
    expect(asToken).toBe(401);
    expect(await socketStatus(gateway, `/v1/ws?ticket=${ticket}`)).toBe(101);
  });

  test.each(['', 'x', 'x&ticket=y', '%00', 'rcspgw_'])(
    'that nobody issued (%j) opens nothing',
    async (text) => {
      const { gateway } = await start();
      expect(await socketStatus(gateway, `/v1/ws?ticket=${text}`)).toBe(401);
      expect((await gateway.get(`/v1/events/Logs/Info?ticket=${text}`)).status).toBe(401);
    },
  );

  test('a ticket may do what its token may, and no more', async () => {
    const { gateway, tokens } = await start();
    const command = { op: 'command', command: 'SetDeviceName', arguments: { DeviceId: 1, DeviceName: 'A' } };
    const reader = await EventClient.connect(
      gateway,
      `/v1/ws?ticket=${await ticketFor(gateway, tokens.of.reader)}`,
    );
    expect(await reader.ask(command)).toMatchObject({
      op: 'error',
      error: { status: 403, code: 'Forbidden' },
    });
    const operator = await EventClient.connect(
      gateway,
      `/v1/ws?ticket=${await ticketFor(gateway, tokens.of.operator)}`,
    );
    expect(await operator.ask(command)).toMatchObject({ op: 'response', status: 204 });
    const exit = { op: 'command', command: 'GracefulExit' };
    expect(await operator.ask(exit)).toMatchObject({ op: 'error', error: { status: 403 } });
  });

  test('of a token that was revoked meanwhile is worthless', async () => {
    const file = newTokenFile();
    addToken(file, 'chief', 'admin');
    const token = addToken(file, 'page');
    const { gateway } = await startBoth({ tokens: file });
    const [first, second] = [await ticketFor(gateway, token), await ticketFor(gateway, token)];
    revokeToken(file, 'page');
    await until(async () => (await gateway.get('/v1/info', bearer(token))).status === 401);
    expect(await socketStatus(gateway, `/v1/ws?ticket=${first}`)).toBe(401);
    expect((await gateway.get(`/v1/events/Logs/Info?ticket=${second}`)).status).toBe(401);
  });

  test('a ticket costs a token: who shows none gets none', async () => {
    const { gateway } = await start();
    expect((await gateway.post('/v1/tickets')).status).toBe(401);
  });

  test('a ticket can be had without a token where none is needed', async () => {
    const { gateway } = await startBoth({ noAuth: true });
    const { ticket } = Answer.parse((await gateway.post('/v1/tickets')).json);
    expect(await socketStatus(gateway, `/v1/ws?ticket=${ticket}`)).toBe(101);
  });

  test('a ticket is not in the log', async () => {
    const { gateway, tokens } = await start();
    const ticket = await ticketFor(gateway, tokens.of.reader);
    await socketStatus(gateway, `/v1/ws?ticket=${ticket}`);
    await gateway.get(`/v1/events/Logs/Info?ticket=${ticket}`);
    await gateway.get(`/v1/info?ticket=${ticket}`);
    expect(gateway.lines.join('')).not.toContain(ticket);
  });
});
