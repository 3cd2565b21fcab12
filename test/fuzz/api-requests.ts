import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import http from 'node:http';
import { z } from 'zod';
import type { Gateway, Reply } from '../support/gateway.js';
import { nearMiss, oddJson, oddText } from './arbitraries.js';
import { resolveRef, valuesOf } from './schema-values.js';

/** Milliseconds in which every request is answered: commands get one second. */
const ANSWERED_MS = 15_000;

const Parameter = z.looseObject({
  name: z.string(),
  in: z.enum(['path', 'query', 'header', 'cookie']),
  required: z.boolean().default(false),
  schema: z.unknown().optional(),
  example: z.unknown().optional(),
});
type Parameter = z.output<typeof Parameter>;

const Operation = z.looseObject({
  parameters: z.array(z.unknown()).default([]),
  requestBody: z
    .looseObject({
      content: z.record(
        z.string(),
        z.looseObject({ schema: z.unknown().optional(), example: z.unknown().optional() }),
      ),
    })
    .optional(),
  responses: z.record(z.string(), z.unknown()),
});

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Arbitrary<unknown> | undefined;
  /** Statuses from 400 whose answer is something else than a problem, by the document's own words. */
  readonly exempt: ReadonlySet<number>;
}

/** Every operation of the document that the gateway itself serves. */
export async function routesOf(gateway: Gateway): Promise<Route[]> {
  const { json: document } = await gateway.get('/openapi.json');
  const { paths } = z
    .looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(document);
  const resolve = (node: unknown): unknown => {
    const { $ref } = z.looseObject({ $ref: z.string().optional() }).parse(node);
    return $ref === undefined ? node : resolveRef(document, $ref);
  };
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => ['get', 'put', 'post', 'delete', 'patch'].includes(method))
      .map(([method, node]) => {
        const { parameters, requestBody, responses } = Operation.parse(node);
        const [content] = Object.values(requestBody?.content ?? {});
        return {
          method: method.toUpperCase(),
          path,
          parameters: parameters.map((each) => Parameter.parse(resolve(each))),
          body: content && likely(content, document),
          exempt: new Set(
            Object.keys(responses)
              .filter((status) => hasOwnForm(resolve(responses[status])))
              .map(Number),
          ),
        };
      }),
  );
}

/** What fits, and what the document shows. */
function likely(
  { schema, example }: { schema?: unknown; example?: unknown },
  document: unknown,
): Arbitrary<unknown> {
  const fitting = valuesOf(schema, document);
  return example === undefined ? fitting : fc.oneof(fitting, fc.constant(example));
}

function hasOwnForm(response: unknown): boolean {
  const { content } = z
    .looseObject({ content: z.record(z.string(), z.unknown()).optional() })
    .parse(response);
  return content !== undefined && !('application/problem+json' in content);
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

/** As it stands in a path or query: not everything is decodable. */
const oddPiece: Arbitrary<string> = fc.oneof(
  oddText.map(encoded),
  fc.constantFrom(
    '',
    '%',
    '%zz',
    '%00',
    '%2e%2e',
    '..',
    '../..',
    '../../live',
    '.',
    '%2F',
    '//',
    ';',
    ':',
    '*',
  ),
  fc.constantFrom(
    '-1',
    '1.5',
    '1e3',
    '0x1',
    '01',
    '+1',
    '%201',
    'NaN',
    '9007199254740993',
    '1e999',
    '-0',
    '%D9%A1',
  ),
  fc.constantFrom('%ED%A0%80', '%F0%9F%98%80', '%C0%AF', 'x'.repeat(501), '1'.repeat(400), '__proto__'),
);

function pieceFor(parameter: Parameter): Arbitrary<string> {
  const valid = likely(parameter, {}).map((value) =>
    encoded(typeof value === 'string' ? value : JSON.stringify(value)),
  );
  return fc.oneof({ weight: 5, arbitrary: valid }, { weight: 2, arbitrary: oddPiece });
}

function pathFor({ path, parameters }: Route): Arbitrary<string> {
  const names = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name);
  const pieces = names.map((name) => {
    const parameter = parameters.find((each) => each.in === 'path' && each.name === name);
    return parameter === undefined ? oddPiece : pieceFor(parameter);
  });
  return fc
    .tuple(...pieces)
    .map((values) => names.reduce((text, name, i) => text.replace(`{${name}}`, () => values[i] ?? ''), path));
}

const oddQuery: Arbitrary<string> = fc.oneof(
  fc.tuple(oddPiece, oddPiece).map((pair) => pair.join('=')),
  fc.constantFrom(
    '',
    '=',
    '&',
    '?',
    '#',
    'a[]=1',
    'a[b]=1',
    '__proto__=1',
    'constructor=1',
    '%zz',
    'token=x',
  ),
);

function queryFor({ parameters }: Route): Arbitrary<string> {
  const own = parameters
    .filter((each) => each.in === 'query')
    .map((each) => ({ ...each, text: pieceFor(each).map((value) => `${each.name}=${value}`) }));
  const one = fc.oneof(
    { weight: 1, arbitrary: oddQuery },
    ...own.map(({ text }) => ({ weight: 2, arbitrary: text })),
  );
  const usual = fc.tuple(
    ...own.map(({ required, text }) => (required ? text : fc.option(text, { nil: undefined, freq: 1 }))),
  );
  return fc
    .oneof({ weight: 3, arbitrary: usual }, { weight: 2, arbitrary: fc.array(one, { maxLength: 4 }) })
    .map((parts) => parts.filter((each) => each !== undefined))
    .map((parts) => (parts.length === 0 ? '' : `?${parts.join('&')}`));
}

/** What HTTP lets through in the value of a header. */
const headerValue = fc
  .string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((c) => c !== 0x7f)
      .map((c) => String.fromCharCode(c)),
  })
  .map((text) => text.trim());

const headers: Arbitrary<Record<string, string>> = fc.record(
  {
    prefer: fc.oneof(
      { weight: 8, arbitrary: fc.constant('wait=1') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          'wait=0',
          'wait=-1',
          'wait=1e9',
          'wait="1"',
          ',,wait = 1;x',
          'respond-async',
        ),
      },
      { weight: 1, arbitrary: headerValue },
    ),
    'content-type': fc.oneof(
      { weight: 8, arbitrary: fc.constant('application/json') },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          'application/json; charset=latin1',
          'APPLICATION/JSON',
          'text/plain',
          'x',
          '',
          '/',
          'application/x-www-form-urlencoded',
          'multipart/form-data',
        ),
      },
      { weight: 1, arbitrary: headerValue },
    ),
    'last-event-id': fc.oneof(headerValue, fc.constantFrom('a:1', '0:0', 'a:-1', ':', 'a:9007199254740993')),
    accept: fc.oneof(
      headerValue,
      fc.constantFrom('*/*', 'text/event-stream', 'text/html', 'application/json;q=0'),
    ),
  },
  { requiredKeys: ['prefer', 'content-type'] },
);

function bodyFor({ method, body }: Route): Arbitrary<string | undefined> {
  const none = fc.constant(undefined);
  const wild = fc.oneof(fc.constant(''), oddJson, oddText, fc.json());
  if (body === undefined) return method === 'GET' ? none : fc.oneof({ weight: 4, arbitrary: none }, wild);
  return fc.oneof(
    { weight: 5, arbitrary: body.map((value) => JSON.stringify(value)) },
    { weight: 5, arbitrary: nearMiss(body) },
    { weight: 2, arbitrary: wild },
    none,
  );
}

export function requestFor(route: Route): Arbitrary<Request> {
  return fc
    .record({ path: pathFor(route), query: queryFor(route), headers, body: bodyFor(route) })
    .map(({ path, query, headers: said, body }) => ({
      method: route.method,
      path: path + query,
      headers: said,
      body,
    }));
}

/** The path goes out as it is. A stream is let go of when it starts. */
export async function send(
  gateway: Gateway,
  agent: http.Agent,
  { method, path, headers: said, body }: Request,
): Promise<Reply> {
  const { port } = new URL(gateway.url);
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const request = http.request({
    port,
    host: '127.0.0.1',
    method,
    path,
    agent,
    headers: { ...said, ...length },
    signal: AbortSignal.timeout(ANSWERED_MS),
  });
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject).end(body);
  });
  const type = response.headers['content-type'] ?? '';
  const isStream = type.startsWith('text/event-stream');
  if (isStream) response.destroy();
  const text = isStream ? '' : (await response.setEncoding('utf8').toArray()).join('');
  return {
    status: response.statusCode ?? 0,
    headers: new Headers(
      Object.entries(response.headersDistinct).flatMap(([name, values = []]) =>
        values.map((each): [string, string] => [name, each]),
      ),
    ),
    text,
    json: type.includes('json') && text !== '' ? JSON.parse(text) : undefined,
  };
}
