import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { SCOPES } from '../../src/access/scope.js';
import { COMMANDS } from '../../src/catalog/index.js';
import type { CommandDefinition, Scope } from '../../src/catalog/index.js';
import { pathParameters } from '../../src/catalog/route-schema.js';
import { GateSocket } from '../commands/socket.js';
import { addToken, bearer, newTokenFile } from '../support/access.js';
import { counting, problemOf, startBoth, startScripted, until } from '../support/gateway.js';
import type { Gateway, Reply } from '../support/gateway.js';
import { makeTokens } from '../support/tokens.js';
import type { Tokens } from '../support/tokens.js';

const ALL: readonly CommandDefinition[] = COMMANDS;
const PRIVILEGED = ALL.filter(({ policy }) => policy.scope !== 'read');

type Headers = Record<string, string>;

function makeAll(): Tokens<Scope> {
  return makeTokens({ read: 'read', control: 'control', admin: 'admin' });
}

/** What the gateway itself sends has been sent. */
async function startQuiet(tokens: Tokens<Scope>): ReturnType<typeof startBoth> {
  const both = await startBoth({ tokens: tokens.file });
  const sent = (name: string): number => both.simulator.commandCounts.get(name) ?? 0;
  await until(() => sent('Subscribe') > 0 && sent('Unsubscribe') > 0);
  return both;
}

/** Scopes that do not suffice, and those that do. */
function below(scope: Scope): readonly Scope[] {
  return SCOPES.slice(0, SCOPES.indexOf(scope));
}

function from(scope: Scope): readonly Scope[] {
  return SCOPES.slice(SCOPES.indexOf(scope));
}

/** A command over each of its own routes, with the arguments of its example. */
function overRoutes(gateway: Gateway, command: CommandDefinition, headers: Headers): Promise<Reply[]> {
  const args = command.example.arguments as Readonly<Record<string, string | number>>;
  return Promise.all(
    command.routes.map(({ method, path }) => {
      const names = pathParameters(path);
      const filled = names.reduce((text, name) => text.replace(`{${name}}`, String(args[name] ?? 1)), path);
      const rest = Object.fromEntries(Object.entries(args).filter(([name]) => !names.includes(name)));
      const hasBody = method === 'POST' || method === 'PUT';
      return gateway.ask(method, filled, { ...(hasBody && { body: rest }), headers });
    }),
  );
}

function byName(gateway: Gateway, name: string, Arguments: object, headers: Headers): Promise<Reply> {
  return gateway.ask('POST', `/v1/commands/${name}`, { body: { Arguments }, headers });
}

const Answer = z.looseObject({ op: z.string(), error: z.looseObject({ code: z.string() }).optional() });

function expectForbidden(reply: Reply, has: Scope, needed: Scope, command: string): void {
  const problem = problemOf(reply);
  expect(problem).toMatchObject({ status: 403, code: 'Forbidden', outcome: 'not-sent', command });
  expect(problem.detail).toContain(`scope ${needed}`);
  expect(problem.detail).toContain(`"${has}" has ${has}`);
}

test('there are commands of every scope', () => {
  expect(new Set(ALL.map(({ policy }) => policy.scope))).toEqual(new Set(SCOPES));
});

test.each([
  ['GracefulExit', 'admin'],
  ['UpdateFirmware', 'admin'],
  ['UpdateSensorFirmware', 'admin'],
  ['UpdateWifiModule', 'admin'],
  ['SetNetworkConfiguration', 'admin'],
  ['SetDeviceName', 'control'],
  ['Subscribe', 'control'],
  ['CalibrateStaticPose', 'control'],
  ['Info', 'read'],
  ['GetDeviceName', 'read'],
])('%s needs %s', (name, scope) => {
  expect(ALL.find((each) => each.name === name)?.policy.scope).toBe(scope);
});

describe('a token below the scope of a command is refused, and nothing runs', () => {
  test('over the routes of every command', async () => {
    const tokens = makeAll();
    const { gateway, simulator } = await startQuiet(tokens);
    const count = counting(simulator);
    for (const command of PRIVILEGED) {
      for (const scope of below(command.policy.scope)) {
        for (const reply of await overRoutes(gateway, command, tokens.as(scope))) {
          expectForbidden(reply, scope, command.policy.scope, command.name);
        }
      }
      expect(count(command.name), command.name).toBe(0);
    }
  });

  test('by the name of every command, whether or not its arguments fit', async () => {
    const tokens = makeAll();
    const { gateway, simulator } = await startQuiet(tokens);
    const count = counting(simulator);
    for (const { name, policy, example } of PRIVILEGED) {
      for (const scope of below(policy.scope)) {
        for (const args of [example.arguments, { DeviceId: 'none' }]) {
          expectForbidden(await byName(gateway, name, args, tokens.as(scope)), scope, policy.scope, name);
        }
      }
      expect(count(name), name).toBe(0);
    }
  });

  test('over a WebSocket, every command, whether or not its arguments fit', async () => {
    const tokens = makeAll();
    const { gateway, simulator } = await startQuiet(tokens);
    const count = counting(simulator);
    for (const scope of SCOPES) {
      const socket = await GateSocket.connect(gateway, tokens.as(scope));
      for (const { name, policy, example } of PRIVILEGED.filter((each) =>
        below(each.policy.scope).includes(scope),
      )) {
        for (const args of [example.arguments, { DeviceId: 'none' }]) {
          const { error } = Answer.parse(await socket.command(name, args));
          expect(error, name).toMatchObject({
            status: 403,
            code: 'Forbidden',
            outcome: 'not-sent',
            command: name,
          });
          expect(error?.['detail']).toContain(`scope ${policy.scope}`);
        }
        expect(count(name), name).toBe(0);
      }
    }
  });

  test('before anything else of the request is looked at', async () => {
    const tokens = makeAll();
    const { gateway, simulator } = await startQuiet(tokens);
    const count = counting(simulator);
    for (const { name, policy, routes } of PRIVILEGED) {
      for (const { method, path } of routes) {
        const bad = path.replace(/\{\w+\}/g, 'no-number');
        const body = method === 'POST' || method === 'PUT' ? { raw: '{"broken' } : {};
        const json = { 'content-type': 'application/json' };
        for (const scope of below(policy.scope)) {
          const headers = { ...json, ...tokens.as(scope) };
          expect((await gateway.ask(method, bad, { ...body, headers })).status, name).toBe(403);
        }
        expect((await gateway.ask(method, bad, { ...body, headers: json })).status, name).toBe(401);
      }
      expect(count(name)).toBe(0);
    }
  });
});

/** Whatever the studio says to it: it was let through. */
function expectLetThrough({ status, text }: Reply, what: string): void {
  expect(text, what).not.toContain('Forbidden');
  expect([401, 403], what).not.toContain(status);
}

describe('a token of the scope of a command, or above it, is let through', () => {
  test.each(SCOPES)('%s, over HTTP', async (scope) => {
    const tokens = makeAll();
    const { gateway } = await startScripted(() => ({}), { tokens: tokens.file });
    const headers = tokens.as(scope);
    for (const command of ALL.filter(({ policy }) => from(policy.scope).includes(scope))) {
      for (const reply of await overRoutes(gateway, command, headers)) expectLetThrough(reply, command.name);
      const { name, example } = command;
      expectLetThrough(await byName(gateway, name, example.arguments, headers), name);
    }
  });

  test.each(SCOPES)('%s, over a WebSocket', async (scope) => {
    const tokens = makeAll();
    const { gateway } = await startScripted(() => ({}), { tokens: tokens.file });
    const socket = await GateSocket.connect(gateway, tokens.as(scope));
    for (const { name, example } of ALL.filter(({ policy }) => from(policy.scope).includes(scope))) {
      const { error } = Answer.parse(await socket.command(name, example.arguments));
      expect(error?.code, name).not.toBe('Forbidden');
    }
  });
});

test.each(['read', 'control'] as const)('a command that no table knows is not for %s', async (scope) => {
  const tokens = makeAll();
  const { gateway, server } = await startScripted(() => ({}), { tokens: tokens.file });
  const socket = await GateSocket.connect(gateway, tokens.as(scope));
  for (const name of ['Mystery', 'getdevicename', 'Info ', '__proto__', 'constructor']) {
    const reply = await byName(gateway, encodeURIComponent(name), {}, tokens.as(scope));
    expectForbidden(reply, scope, 'admin', name);
    expect(Answer.parse(await socket.command(name, {})).error?.code).toBe('Forbidden');
    expect(server.commands.filter((each) => each.name === name)).toEqual([]);
  }
});

test('a command that no table knows is for admin', async () => {
  const tokens = makeAll();
  const { gateway, server } = await startScripted(() => ({}), { tokens: tokens.file });
  const { status } = await byName(gateway, 'Mystery', {}, tokens.as('admin'));
  expect(status).toBe(200);
  expect(server.commands.filter(({ name }) => name === 'Mystery')).toHaveLength(1);
});

test('the lease is taken and given back with control, and looked at with read', async () => {
  const tokens = makeAll();
  const { gateway } = await startBoth({ tokens: tokens.file, controlLease: true });
  const ask = async (method: string, scope: Scope): Promise<number> =>
    (await gateway.ask(method, '/v1/lease', { headers: tokens.as(scope) })).status;
  expect([await ask('GET', 'read'), await ask('POST', 'read'), await ask('DELETE', 'read')]).toEqual([
    200, 403, 403,
  ]);
  expect([await ask('POST', 'control'), await ask('DELETE', 'control')]).toEqual([200, 204]);
});

describe('the OpenAPI document', () => {
  const Operation = z.looseObject({
    security: z.array(z.record(z.string(), z.array(z.string()))),
    'x-rcsp': z.looseObject({ command: z.string(), scope: z.string() }).optional(),
  });
  const Document = z.object({
    paths: z.record(z.string(), z.record(z.string(), Operation)),
    components: z.object({ securitySchemes: z.record(z.string(), z.looseObject({ type: z.string() })) }),
  });

  test('the OpenAPI document has the scope of each command with its operation', async () => {
    const file = newTokenFile();
    const token = addToken(file, 'reader');
    const { gateway } = await startBoth({ tokens: file });
    const { paths, components } = Document.parse((await gateway.get('/openapi.json', bearer(token))).json);
    expect(components.securitySchemes).toMatchObject({
      token: { type: 'http', scheme: 'bearer' },
      ticket: { type: 'apiKey', in: 'query', name: 'ticket' },
    });
    for (const { name, policy, routes } of ALL) {
      for (const { method, path } of routes) {
        const operation = paths[path]?.[method.toLowerCase()];
        expect(operation?.security, `${name} at ${path}`).toEqual([{ token: [policy.scope] }]);
      }
    }
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    for (const { security, 'x-rcsp': rcsp } of operations) {
      if (rcsp !== undefined) expect(security, rcsp.command).toEqual([{ token: [rcsp.scope] }]);
    }
    expect(paths['/v1/commands/{Command}']?.['post']?.security).toEqual([{ token: ['read'] }]);
    for (const path of Object.keys(paths).filter((each) => each.startsWith('/v1/events'))) {
      expect(paths[path]?.['get']?.security).toEqual([{ token: ['read'] }, { ticket: ['read'] }]);
    }
  });
});
