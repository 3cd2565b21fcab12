/** What stands around the API, for people and for tools: the page, the explorer, the documents, the client. */
import type { Paths } from './operation.js';

interface Around {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly type: string;
}

const AROUND: readonly Around[] = [
  {
    path: '/',
    operationId: 'GetPage',
    summary: 'The page',
    description: 'The studio at a glance, for a browser.',
    type: 'text/html',
  },
  {
    path: '/docs',
    operationId: 'GetDocs',
    summary: 'The API explorer',
    description: 'This document for people, to try it out.',
    type: 'text/html',
  },
  {
    path: '/openapi.json',
    operationId: 'GetOpenapi',
    summary: 'This document',
    description: 'With the commands that only the connected studio knows.',
    type: 'application/json',
  },
  {
    path: '/asyncapi.json',
    operationId: 'GetAsyncapi',
    summary: 'The events document',
    description: 'The messages of WebSockets and of server-sent events (AsyncAPI).',
    type: 'application/json',
  },
  {
    path: '/client.js',
    operationId: 'GetClientScript',
    summary: 'The browser client',
    description: 'A JavaScript module without dependencies.',
    type: 'text/javascript',
  },
];

export function aroundPaths(): Paths {
  return Object.fromEntries(
    AROUND.map(({ path, type, ...rest }) => {
      const schema = { type: type === 'application/json' ? 'object' : 'string' };
      const responses = { 200: { description: `${rest.summary}.`, content: { [type]: { schema } } } };
      return [path, { get: { ...rest, tags: ['Gateway'], security: [], responses } }];
    }),
  );
}
