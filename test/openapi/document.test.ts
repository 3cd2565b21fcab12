import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { generateOpenapi, OPENAPI_FILE } from '../../openapi/generate.js';
import { COMMANDS } from '../../src/catalog/index.js';
import type { CommandDefinition } from '../../src/catalog/index.js';
import { GATEWAY_ERRORS, RCSP_ERRORS } from '../../src/errors/errors.js';
import { startBoth } from '../support/gateway.js';

const Parameter = z.looseObject({ name: z.string().optional(), $ref: z.string().optional() });
const Media = z.looseObject({
  schema: z.unknown().optional(),
  example: z.unknown().optional(),
  examples: z.record(z.string(), z.object({ summary: z.string(), value: z.unknown() })).optional(),
});
const Content = z.record(z.string(), Media);
const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string().min(1),
  description: z.string().min(1),
  tags: z.array(z.string()).min(1),
  parameters: z.array(Parameter).default([]),
  requestBody: z.looseObject({ required: z.boolean(), content: Content }).optional(),
  responses: z.record(
    z.string(),
    z.looseObject({ $ref: z.string().optional(), content: Content.optional() }),
  ),
});
const Document = z.looseObject({
  openapi: z.string(),
  tags: z.array(z.object({ name: z.string(), description: z.string().min(1) })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({
    schemas: z.record(z.string(), z.unknown()),
    responses: z.record(z.string(), z.looseObject({ content: Content })),
  }),
});

const text = await generateOpenapi();
const document = Document.parse(JSON.parse(text));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    ...operation,
  })),
);

test('openapi/openapi.json equals what npm run openapi generates', () => {
  expect(readFileSync(OPENAPI_FILE, 'utf8')).toBe(text);
});

/** Warnings that stand: no licence has been chosen, and these routes refuse nobody. */
const ACCEPTED = ['info-license', 'operation-4xx-response'];

/** What a linter has against a document, one line each, but for the warnings that stand. */
async function lint(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const found = await lintFromString({ source, absoluteRef: OPENAPI_FILE, config });
  return found
    .filter(({ severity, ruleId }) => severity === 'error' || !ACCEPTED.includes(ruleId))
    .map(({ severity, ruleId, message, location }) => {
      return `${severity} ${ruleId} ${location[0]?.pointer}: ${message}`;
    });
}

test('the linter reports no problem in the document', async () => {
  expect(await lint(text)).toEqual([]);
});

test(
  "the linter reports no problem in a running gateway's document with discovered commands",
  { tags: ['extended'] },
  async () => {
    const { gateway } = await startBoth();
    expect(await lint((await gateway.get('/openapi.json')).text)).toEqual([]);
  },
);

test('without the discovered commands the running gateway serves the same document', async () => {
  const { gateway } = await startBoth();
  const { paths, ...rest } = Document.parse((await gateway.get('/openapi.json')).json);
  const { paths: written, ...restWritten } = document;
  expect(rest).toEqual(restWritten);
  expect(paths).toMatchObject(written);
  expect((await gateway.get('/docs/json')).json).toEqual((await gateway.get('/openapi.json')).json);
});

test('every route is in the document, and nothing else is', async () => {
  const routes: string[] = [];
  const onInitialization = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) routes.push(`${each} ${url.replace(/:(\w+)/g, '{$1}')}`);
    });
  };
  subscribe('fastify.initialization', onInitialization);
  onTestFinished(() => void unsubscribe('fastify.initialization', onInitialization));
  await generateOpenapi();
  const around =
    /^HEAD |^OPTIONS |^GET (\/v1\/ws|\/studios\/|\/docs\/|\/assets\/\*$|\/(?!client\.js$)[\w.-]+\.(html|js|css|svg|ico|png|map|gz|webmanifest)$)/;
  const own = routes.filter((route) => !around.test(route));
  expect(own.length).toBeGreaterThan(40);
  expect(own.sort()).toEqual(operations.map(({ name }) => name).sort());
});

test("an operation is named after its command; a command's second route has a name of its own", () => {
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const command of COMMANDS as readonly CommandDefinition[]) {
    const [first, ...others] = command.routes;
    const find = ({ method, path }: { method: string; path: string }) =>
      operations.find(({ name }) => name === `${method} ${path}`);
    expect(find(first)?.operationId).toBe(command.name);
    for (const other of others) expect(find(other)?.operationId).toBe(other.operationId);
  }
});

test.each(operations)('$name has tags that the document explains, and its path parameters', (operation) => {
  for (const tag of operation.tags) expect(document.tags.map(({ name }) => name)).toContain(tag);
  const inPath = Array.from(operation.name.matchAll(/\{(\w+)\}/g), ([, each]) => each);
  expect(operation.parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(inPath));
});

// What the gateway remembers is asked of the gateway alone.
const own = /^\w+ \/v1\/(history|tickets|sign-in|lease|jobs|rtc|me\b|studios)/;
const commanding = operations.filter(({ name }) => name.includes(' /v1/') && !own.test(name));

test.each(operations.filter(({ name }) => own.test(name)))(
  '$name, which asks the gateway alone, tells who may ask and what is refused',
  ({ responses }) => {
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '401', '403', '404', '429']));
  },
);

test.each(commanding)('$name tells every error that it may end in', ({ requestBody, responses }) => {
  const statuses = new Set(
    Object.values({ ...RCSP_ERRORS, ...GATEWAY_ERRORS }).map(({ status }) => `${status}`),
  );
  if (requestBody === undefined) for (const status of ['413', '415']) statuses.delete(status);
  const told = Object.keys(responses).filter((status) => status >= '400');
  expect(told.sort()).toEqual([...statuses].sort());
});

const byRoute = (COMMANDS as readonly CommandDefinition[]).flatMap((command) =>
  command.routes.map(({ method, path }) => ({ name: `${method} ${path}`, command })),
);

test.each(byRoute)('$name has examples that fit', ({ name, command }) => {
  const { parameters, requestBody, responses } = operations.find((each) => each.name === name)!;
  const example = requestBody?.content['application/json']?.example;
  const inPath = parameters.filter((each) => each['in'] === 'path');
  const args = new Map<string, unknown>(Object.entries(Object(example) as object));
  for (const each of inPath) args.set(String(each.name), each['example']);
  if (inPath.length > 0 || example !== undefined) command.arguments.strict().parse(Object.fromEntries(args));
  const answer = responses['200']?.content?.['application/json']?.example;
  if (command.response !== null) command.response.parse(answer);
  else expect(responses['200']).toBeUndefined();
});

test('the examples of problems are problems, each under its status', () => {
  const Problem = z.strictObject({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    code: z.string(),
    command: z.string(),
    trackId: z.string(),
    outcome: z.enum(['not-sent', 'no-answer', 'rejected']),
  });
  const table: Record<string, { status: number }> = { ...RCSP_ERRORS, ...GATEWAY_ERRORS };
  const shown = Object.values(document.components.responses).flatMap(({ content }) =>
    Object.values(content['application/problem+json']?.examples ?? {}).map(({ value }) =>
      Problem.parse(value),
    ),
  );
  expect(shown.map(({ code }) => code).sort()).toEqual(Object.keys(table).sort());
  for (const { code, status } of shown) expect(status).toBe(table[code]?.status);
});

test('every reference points at something', () => {
  const refs = new Set(Array.from(text.matchAll(/"\$ref": "#\/([^"]+)"/g), ([, path = '']) => path));
  expect(refs.size).toBeGreaterThan(5);
  for (const ref of refs) {
    const found = ref
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], JSON.parse(text));
    expect(found, ref).toBeDefined();
  }
});
