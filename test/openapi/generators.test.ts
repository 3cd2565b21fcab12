// @module-tag extended
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { OPENAPI_FILE } from '../../openapi/generate.js';
import { parsePattern, PATTERN_SOURCE } from '../../src/wire/channel-pattern.js';
import { startBoth } from '../support/gateway.js';
import { addToken, bearer, newTokenFile } from '../support/access.js';

type Node = Readonly<Record<string, unknown>>;
interface Place {
  readonly at: string;
  readonly node: Node;
}

/** Every object of the document but examples, which are no schemas. */
function walk(value: unknown, at = '#'): Place[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => walk(each, `${at}/${i}`));
  if (typeof value !== 'object' || value === null) return [];
  const node = { ...value } as Node;
  const parts = Object.entries(node).filter(([name]) => !/^examples?$/.test(name));
  return [{ at, node }, ...parts.flatMap(([name, each]) => walk(each, `${at}/${name}`))];
}

/** What generators of docs/clients.md stop at, or make wrong code of. */
const RULES: readonly { readonly why: string; readonly isBroken: (node: Node, at: string) => boolean }[] = [
  {
    why: 'openapi-generator python and typescript-fetch take an empty additionalProperties for a type',
    isBroken: ({ additionalProperties: rest }) => JSON.stringify(rest) === '{}',
  },
  {
    why: 'openapi-generator go and java make a map of a reference with additionalProperties beside it',
    isBroken: (node) => '$ref' in node && 'additionalProperties' in node,
  },
  {
    why: 'openapi-generator go takes 32 bits for an integer without a format',
    isBroken: ({ maximum, format }) =>
      typeof maximum === 'number' && maximum >= 2 ** 31 && format !== 'int64',
  },
  {
    why: 'ogen knows the boolean form of exclusive bounds only',
    isBroken: (node) => 'exclusiveMinimum' in node || 'exclusiveMaximum' in node,
  },
  {
    why: 'Kotlin and Java make no enum of numbers that may be fractions',
    isBroken: ({ type, enum: values }) => type === 'number' && values !== undefined,
  },
  {
    why: 'openapi-python-client makes one string of a parameter that may be a list or a string',
    isBroken: ({ in: place, schema }) =>
      place === 'query' && z.object({ anyOf: z.unknown() }).safeParse(schema).success,
  },
  {
    why: 'a list in the query says how it is written',
    isBroken: ({ in: place, schema, style, explode }) =>
      place === 'query' &&
      z.object({ type: z.literal('array') }).safeParse(schema).success &&
      !(style === 'form' && explode === true),
  },
  {
    why: 'no generator knows propertyNames',
    isBroken: (node, at) => 'propertyNames' in node && !at.endsWith('/properties'),
  },
  {
    why: 'a body that may be null makes a type of its own',
    isBroken: (_, at) => /requestBody\/content\/[^#]*\/schema\/anyOf\/\d+$/.test(at),
  },
  {
    why: 'Go and Rust have no lookaround in regular expressions',
    isBroken: ({ pattern }) => typeof pattern === 'string' && /\(\?[=!<]/.test(pattern),
  },
];

const written: unknown = JSON.parse(readFileSync(OPENAPI_FILE, 'utf8'));

test.each(RULES)('the document keeps the rule: $why', ({ isBroken }) => {
  expect(
    walk(written)
      .filter(({ node, at }) => isBroken(node, at))
      .map(({ at }) => at),
  ).toEqual([]);
});

test('the document of a running gateway, with its discovered commands, keeps the same rules', async () => {
  const { gateway } = await startBoth();
  const places = walk((await gateway.get('/openapi.json')).json);
  const broken = RULES.flatMap(({ isBroken }) => places.filter(({ node, at }) => isBroken(node, at)));
  expect(broken.map(({ at }) => at)).toEqual([]);
});

test('Band is an integer with its values wherever it is sent', () => {
  const bands = walk(written).filter(({ at, node }) => at.endsWith('/properties/Band') && 'enum' in node);
  expect(bands.map(({ node: { type, enum: values } }) => ({ type, values }))).toEqual([
    { type: 'integer', values: [0, 1, 2] },
    { type: 'integer', values: [0, 1, 2] },
  ]);
});

const Secured = z.looseObject({
  security: z.unknown(),
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ security: z.unknown() }))),
});

test('the document says whether a gateway wants tokens', async () => {
  const open = await startBoth();
  const without = Secured.parse((await open.gateway.get('/openapi.json')).json);
  expect(without.security).toEqual([{}, { token: [] }]);
  expect(without.paths['/v1/info']?.['get']?.security).toEqual([{}, { token: ['read'] }]);
  expect(without.paths['/live']?.['get']?.security).toEqual([]);

  const file = newTokenFile();
  addToken(file, 'a');
  const { gateway } = await startBoth({ tokens: file });
  const asked = Secured.parse((await gateway.get('/openapi.json')).json);
  expect(asked.security).toEqual([{ token: [] }]);
  expect(asked.paths['/v1/info']?.['get']?.security).toEqual([{ token: ['read'] }]);
});

test('a body that is null is refused, one that is left out is not', async () => {
  const { gateway } = await startBoth();
  const headers = { 'content-type': 'application/json' };
  for (const path of ['/v1/devices/1/calibrate', '/v1/commands/Info']) {
    const refused = await gateway.ask('POST', path, { raw: 'null', headers });
    expect([path, refused.status]).toEqual([path, 400]);
    expect((await gateway.ask('POST', path, { headers })).status).toBeLessThan(300);
  }
  expect((await gateway.ask('POST', '/v1/nothing', { raw: 'null', headers })).status).toBe(404);
});

test('the pattern of channels takes what the gateway takes', () => {
  const pattern = new RegExp(PATTERN_SOURCE);
  const level = fc.constantFrom(
    '*',
    '$x',
    'Logs',
    '%',
    '%24',
    '%25',
    '%2F',
    '%2f',
    '%2A',
    '%24a',
    'a$',
    '1',
    '01',
    '0',
    '😀',
    ' ',
    '',
  );
  const name = fc.array(fc.oneof(level, fc.constant('devices'), fc.string()), { maxLength: 5 });
  fc.assert(
    fc.property(name, (levels) => {
      const text = levels.join('/');
      expect([text, pattern.test(text)]).toEqual([text, parsePattern(text) !== undefined]);
    }),
    { numRuns: 3000 },
  );
});

test('one channel, several, and none in the query of /v1/events', async () => {
  const file = newTokenFile();
  const token = addToken(file, 'a');
  const { gateway } = await startBoth({ tokens: file });
  const none = await gateway.get('/v1/events', bearer(token));
  expect(none.status).toBe(400);
  for (const query of ['channel=Logs/Info', 'channel=Logs/Info&channel=Logs/Error']) {
    const response = await fetch(`${gateway.url}/v1/events?${query}`, { headers: bearer(token) });
    expect(response.status).toBe(200);
    await response.body?.cancel();
  }
});
