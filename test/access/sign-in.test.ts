// @module-tag extended
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createLink } from '../../src/access/sign-in-links.js';
import { createToken, revokeToken } from '../../src/access/token-file.js';
import { addToken, bearer, newTokenFile, socketStatus } from '../support/access.js';
import { Cli, run } from '../support/cli.js';
import { EventClient } from '../support/event-client.js';
import { problemOf, startBoth, until } from '../support/gateway.js';
import type { Gateway, Reply } from '../support/gateway.js';

const TWELVE_HOURS_MS = 43_200_000;

const Answer = z.strictObject({
  token: z.string().regex(/^rcspgw_[A-Za-z0-9_-]{43}$/),
  scope: z.enum(['read', 'control', 'admin']),
  expiresAt: z.number(),
});
const File = z.object({
  tokens: z.array(z.record(z.string(), z.unknown())),
  sessions: z.array(z.record(z.string(), z.unknown())).default([]),
  links: z.array(z.record(z.string(), z.unknown())).default([]),
});

function kept(file: string): z.output<typeof File> {
  return File.parse(JSON.parse(readFileSync(file, 'utf8')));
}

async function start(settings: object = {}): Promise<{ gateway: Gateway; file: string; anna: string }> {
  const file = newTokenFile();
  const anna = addToken(file, 'anna', 'control');
  addToken(file, 'chief', 'admin');
  const { gateway } = await startBoth({ tokens: file, ...settings });
  return { gateway, file, anna };
}

function signIn(gateway: Gateway, code: unknown): Promise<Reply> {
  return gateway.post('/v1/sign-in', { code });
}

async function session(gateway: Gateway, file: string, name = 'anna'): Promise<z.output<typeof Answer>> {
  const reply = await signIn(gateway, createLink(file, name));
  expect(reply.status).toBe(200);
  expect(reply.headers.get('cache-control')).toBe('no-store');
  return Answer.parse(reply.json);
}

async function nameOf(gateway: Gateway, token: string): Promise<string> {
  const { json } = await gateway.get('/v1/me', bearer(token));
  return z.object({ name: z.string() }).parse(json).name;
}

async function connect(gateway: Gateway, token: string): Promise<EventClient> {
  const { json } = await gateway.ask('POST', '/v1/tickets', { headers: bearer(token) });
  const { ticket } = z.object({ ticket: z.string() }).parse(json);
  return EventClient.connect(gateway, `/v1/ws?ticket=${ticket}`);
}

/** Moves the end of the file's links or sessions into the past. */
function expire(file: string, list: 'links' | 'sessions'): void {
  const all = kept(file);
  const past = new Date(Date.now() - 1000).toISOString();
  const changed = { ...all, [list]: all[list].map((each) => ({ ...each, expiresAt: past })) };
  writeFileSync(file, JSON.stringify({ version: 1, ...changed }), { mode: 0o600 });
}

describe('POST /v1/sign-in', () => {
  test('exchanges the code of a link for a session of 12 hours with the scope of its token', async () => {
    const { gateway, file } = await start();
    const before = Date.now();
    const { token, scope, expiresAt } = await session(gateway, file);
    expect(scope).toBe('control');
    expect(expiresAt).toBeGreaterThanOrEqual(before + TWELVE_HOURS_MS);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + TWELVE_HOURS_MS);
    expect((await gateway.get('/v1/me', bearer(token))).json).toMatchObject({
      name: expect.stringMatching(/^anna\.[a-z2-9]{4}$/) as string,
      scope: 'control',
    });
    expect(await socketStatus(gateway, '/v1/ws', bearer(token))).toBe(101);
    const exit = await gateway.ask('POST', '/v1/exit', { headers: bearer(token) });
    expect(problemOf(exit).detail).toContain('needs the scope admin');
  });

  test('takes a code once, and tells the second time that it is used', async () => {
    const { gateway, file } = await start();
    const code = createLink(file, 'anna');
    expect((await signIn(gateway, code)).status).toBe(200);
    const again = await signIn(gateway, code);
    expect(again.headers.get('www-authenticate')).toBe('Bearer realm="rcsp-gateway"');
    expect(problemOf(again)).toMatchObject({
      status: 401,
      code: 'Unauthorized',
      outcome: 'not-sent',
      detail: 'This sign-in link was used already; it works once. Ask for another one.',
    });
  });

  test('gives one session for a code that two gateways are asked for at once', async () => {
    const { gateway, file } = await start();
    const { gateway: other } = await startBoth({ tokens: file });
    const code = createLink(file, 'anna');
    const asked = [gateway, other, gateway, other].map((each) => signIn(each, code));
    expect((await Promise.all(asked)).map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    expect(kept(file).sessions).toHaveLength(1);
  });

  test('refuses a code that has expired, with that reason', async () => {
    const { gateway, file } = await start();
    const code = createLink(file, 'anna');
    expire(file, 'links');
    expect(problemOf(await signIn(gateway, code))).toMatchObject({
      status: 401,
      detail: 'This sign-in link has expired; it works for 10 minutes. Ask for another one.',
    });
  });

  test('counts wrong codes against the address, and used ones against themselves', async () => {
    const { gateway, file } = await start({ authRate: 2 });
    const code = createLink(file, 'anna');
    expect((await signIn(gateway, code)).status).toBe(200);
    const used = [await signIn(gateway, code), await signIn(gateway, code), await signIn(gateway, code)];
    expect(used.map(({ status }) => status)).toEqual([401, 401, 429]);
    const wrong = [await signIn(gateway, 'wrong'), await signIn(gateway, 'a b'), await signIn(gateway, 'x')];
    expect(wrong.map(({ status }) => status)).toEqual([401, 401, 429]);
    expect(problemOf(wrong[0] as Reply).detail).toContain('is not known');
    expect(wrong[2]?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await signIn(gateway, createLink(file, 'anna'))).status).toBe(200);
  });

  test.each([undefined, '', 7, null, 'x'.repeat(201)])(
    'refuses the body {code: %j} as it is',
    async (code) => {
      const { gateway } = await start();
      expect(problemOf(await signIn(gateway, code))).toMatchObject({ status: 400, code: 'Invalid request' });
    },
  );

  test('keeps code and session as hashes, leaves an audit line, and logs neither', async () => {
    const { gateway, file } = await start();
    const chief = addToken(file, 'second-chief', 'admin');
    await until(async () => (await gateway.get('/v1/info', bearer(chief))).status === 200);
    const audit = await connect(gateway, chief);
    await audit.subscribe(['$gateway/audit', '$gateway/changes']);
    const code = createLink(file, 'anna');
    expect(readFileSync(file, 'utf8')).not.toContain(code);
    const { token } = Answer.parse((await signIn(gateway, code)).json);
    const name = await nameOf(gateway, token);
    await signIn(gateway, code);
    await until(() => audit.of('event').length === 2);
    expect(audit.of('event')).toMatchObject([
      { event: { EventData: { command: 'SignIn', who: name, scope: 'control', outcome: 'ok', code: null } } },
      { event: { EventData: { command: 'SignIn', who: 'anna', outcome: 'refused', code: 'Unauthorized' } } },
    ]);
    const text = readFileSync(file, 'utf8') + gateway.lines.join('');
    for (const secret of [code, token, token.replace('rcspgw_', '')]) expect(text).not.toContain(secret);
  });

  test('is not there on a gateway that asks nobody for a token', async () => {
    const { gateway } = await startBoth({ noAuth: true });
    expect(problemOf(await signIn(gateway, 'any'))).toMatchObject({ status: 404, code: 'Not found' });
  });

  test('says that sessions cannot be kept while another process holds the file, and answers others meanwhile', async () => {
    const { gateway, file, anna } = await start();
    const code = createLink(file, 'anna');
    writeFileSync(`${file}.lock`, '');
    const waiting = signIn(gateway, code);
    expect((await gateway.get('/v1/me', bearer(anna))).status).toBe(200);
    const problem = problemOf(await waiting);
    expect(problem).toMatchObject({ status: 403, code: 'Forbidden' });
    expect(problem.detail).not.toContain(dirname(file));
    expect(gateway.lines.join('')).toContain(`${file}.lock`);
  });
});

describe('a session', () => {
  test('a session ends with its token, and so do its connections and its links', async () => {
    const { gateway, file } = await start();
    const { token } = await session(gateway, file);
    const unused = createLink(file, 'anna');
    const socket = await connect(gateway, token);
    revokeToken(file, 'anna');
    expect((await socket.closed).code).toBe(4401);
    expect((await gateway.get('/v1/me', bearer(token))).status).toBe(401);
    expect(kept(file)).toMatchObject({ sessions: [], links: [] });
    expect(problemOf(await signIn(gateway, unused)).detail).toContain('its token was revoked');
  });

  test('a session is revoked by its name, and its token stays valid', async () => {
    const { gateway, file, anna } = await start();
    const { token } = await session(gateway, file);
    revokeToken(file, await nameOf(gateway, token));
    await until(async () => (await gateway.get('/v1/me', bearer(token))).status === 401);
    expect((await gateway.get('/v1/me', bearer(anna))).status).toBe(200);
  });

  test('a session does not come back with a new token of the same name', async () => {
    const { gateway, file } = await start();
    const { token } = await session(gateway, file);
    const all = kept(file);
    const fresh = { ...all.tokens[0], sha256: 'a'.repeat(64) };
    writeFileSync(file, JSON.stringify({ version: 1, ...all, tokens: [fresh, all.tokens[1]] }), {
      mode: 0o600,
    });
    await until(async () => (await gateway.get('/v1/me', bearer(token))).status === 401);
  });

  test('a session ends when its time is over, and leaves the file with the next change', async () => {
    const { gateway, file } = await start();
    const { token } = await session(gateway, file);
    expire(file, 'sessions');
    await until(async () => (await gateway.get('/v1/me', bearer(token))).status === 401);
    addToken(file, 'later');
    expect(kept(file).sessions).toEqual([]);
  });

  test('a session ends no later than its token', async () => {
    const { gateway, file } = await start();
    const endsAt = Date.now() + 3_600_000;
    createToken(file, { name: 'guest', scope: 'read', expiresAt: new Date(endsAt) });
    expect((await session(gateway, file, 'guest')).expiresAt).toBe(endsAt);
  });

  test('two sessions of one token are two clients to the control lease', async () => {
    const { gateway, file } = await start({ controlLease: true });
    const [first, second] = [await session(gateway, file), await session(gateway, file)];
    const take = ({ token }: { token: string }): Promise<Reply> =>
      gateway.ask('POST', '/v1/lease', { headers: bearer(token) });
    expect((await take(first)).status).toBe(200);
    const refused = await take(second);
    expect(refused.status).toBe(409);
    expect(refused.json).toMatchObject({ holder: await nameOf(gateway, first.token) });
  });
});

test('a file without links and sessions is written as before', () => {
  const file = newTokenFile();
  addToken(file, 'a');
  createLink(file, 'a');
  revokeToken(file, 'a');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ version: 1, tokens: [] });
});

describe('rcsp-gateway token link', () => {
  test('a link of the command line signs in at the gateway that runs', { tags: ['extended'] }, async () => {
    const folder = newTokenFile().replace('tokens.json', '');
    const file = join(folder, 'tokens.json');
    addToken(file, 'anna', 'control');
    const gateway = new Cli(['serve', '--simulate', '--listen', '127.0.0.1:0', '--tokens', file]);
    const url = await gateway.printed(/listening on (\S+)/);
    const { code, stdout, stderr } = await run(['token', 'link', 'anna', '--tokens', file, '--url', url]);
    expect([code, stderr]).toEqual([0, '']);
    const [link, secret] = /^(\S+)\n$/.exec(stdout)?.[1]?.split('#sign-in=') ?? [];
    expect(link).toBe(`${url}/`);
    const reply = await fetch(new URL('v1/sign-in', link), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: secret }),
    });
    const { token } = Answer.parse(await reply.json());
    const me = await fetch(new URL('v1/me', link), { headers: bearer(token) });
    const { name } = z.object({ name: z.string() }).parse(await me.json());

    const list = await run(['token', 'list', '--tokens', file]);
    const rows = list.stdout.trimEnd().split('\n').slice(1);
    expect(rows[0]).toMatch(/^anna +control +\S+ +never$/);
    expect(rows[1]).toMatch(new RegExp(`^${name} +control +\\S+Z +\\S+Z$`));
    expect(await run(['token', 'revoke', name, '--tokens', file])).toMatchObject({
      code: 0,
      stdout: `revoked ${name}\n`,
    });
    await until(async () => (await fetch(new URL('v1/me', link), { headers: bearer(token) })).status === 401);
    gateway.signal('SIGTERM');
    expect((await gateway.end()).code).toBe(0);
  });
});
