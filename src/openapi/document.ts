/** The OpenAPI document: what is written by hand, and how the derived parts join it. */
import { z } from 'zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import { COMMANDS, TAGS } from '../catalog/index.js';
import type { Discovery } from '../upstreams/discovery/discovery.js';
import { aroundPaths } from './around.js';
import { jsonSchema } from './json-schema.js';
import type { Components } from './json-schema.js';
import { addCommand, addCommandCall, addDiscovered } from './operation.js';
import type { Operation, Paths } from './operation.js';
import { ownProblemResponses, problemComponents, problemResponses } from './problem-responses.js';
import { SECURITY_SCHEMES } from './security.js';

const DESCRIPTION = `
The devices of a motion-capture studio over HTTP. The gateway stands in front of an RCSP server (a device
driver that speaks a small TCP protocol) and offers each of its commands as a route.

- Bodies and answers are RCSP's \`Arguments\` and \`Response\` objects, field names verbatim. A path parameter is
  left out of the body.
- \`200\` comes with a \`Response\`, \`204\` when there is none.
- Errors are RFC 9457 problems; \`code\` says which, \`outcome\` says whether the command may have run.
- \`Prefer: wait=<seconds>\` sets how long a command may take; \`Prefer: respond-async\` makes a job of a firmware
  update: \`202\`, and \`Location\` says where to follow it.
- A gateway that is open to a network wants a token: \`Authorization: Bearer …\`. Its scope, \`read\` < \`control\` <
  \`admin\`, stands with every operation's security. On loopback none is needed, unless the gateway was told so.
- Commands that only the connected studio knows are added to this document while the gateway runs, marked
  \`x-discovered\`; every command can be called by its name at \`POST /v1/commands/{Command}\`.
`.trim();

const problem = z
  .looseObject({
    type: z.string().describe('A URN for the kind of problem.'),
    title: z.string().describe('The same for every problem of this kind.'),
    status: z.int().describe('The HTTP status.'),
    detail: z.string().describe('What happened this time, for a person.'),
    code: z.string().describe("RCSP's error code verbatim, or one of the gateway's."),
    command: z.string().optional().describe('The RCSP command, when there is one.'),
    trackId: z.string().optional().describe("The request's name in the logs, as in `X-Track-Id`."),
    outcome: z
      .enum(['not-sent', 'no-answer', 'rejected'])
      .optional()
      .describe(
        '`not-sent`: safe to repeat. `no-answer`: it may have run. `rejected`: the studio refused it.',
      ),
    errors: z
      .array(z.object({ path: z.string().describe('Where.'), reason: z.string().describe('Why.') }))
      .optional()
      .describe('What does not fit, for `Invalid request`.'),
    holder: z.string().optional().describe('Who has the control lease, when that is why.'),
  })
  .meta({ id: 'Problem', description: 'An error (RFC 9457).' });

/** What @fastify/swagger starts from. */
export function documentBase(version: string): Partial<OpenAPIV3_1.Document> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'rcsp-gateway',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: serversOf('', { names: ['studio'], default: 'studio' }),
    tags: [
      ...Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      {
        name: 'Lights',
        description:
          'Light arrays (Rigsters LightArray4, pycom): model light, fan, polarizer, sequences. `{node}` is the ' +
          'configured address or the id of one.',
      },
      {
        name: 'Gateway',
        description: 'The gateway itself: is it alive, is the studio there, what is it doing.',
      },
    ],
    security: [{ token: [] }],
    components: { securitySchemes: SECURITY_SCHEMES },
  };
}

const HEADERS = {
  TrackId: {
    description: "The request's name in the logs and in RCSP (`TrackId`).",
    schema: { type: 'string' },
  },
  ServerTiming: {
    description: '`rcsp;dur=<ms>`: how long the studio took, waiting included.',
    schema: { type: 'string' },
  },
  UnknownArguments: {
    description:
      'Arguments that were passed on although neither the specification nor the studio describes them: names with commas between them, percent-encoded where they are no token. Absent when there are none.',
    schema: { type: 'string', examples: ['countdown_delay'] },
  },
  RetryAfter: {
    description: 'Seconds after which trying again makes sense.',
    schema: { type: 'integer' },
  },
};

/** Adds the catalog's operations and the components to a document that has the gateway's own routes. */
export function addCatalog<T extends { paths?: unknown }>(document: T, collected: Components): T {
  const components: Components = { ...collected };
  jsonSchema(problem, 'output', components);
  const paths: Paths = {};
  for (const command of COMMANDS) addCommand(paths, command, components);
  addCommandCall(paths, components);
  return {
    ...document,
    paths: { ...paths, ...withProblems({ ...(document.paths as Paths), ...aroundPaths() }) },
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: sorted(components),
      responses: problemComponents(),
      parameters: {
        Prefer: {
          name: 'Prefer',
          in: 'header',
          description:
            'RFC 7240. `wait=<seconds>`, for instance `wait=10`: how long the command may take, up to the configured maximum; without it the command’s own timeout holds. `respond-async`: not to wait for a firmware update, or a run of a light array.',
          schema: { type: 'string', examples: ['wait=10', 'respond-async'] },
        },
      },
      headers: HEADERS,
    },
  };
}

/** The document with what the connected studio offers beyond the catalog. */
export function addUnlisted<T extends { paths?: unknown; components?: unknown }>(
  document: T,
  discovery: Pick<Discovery, 'unlisted'>,
): T {
  if (discovery.unlisted.length === 0) return document;
  const paths: Paths = {};
  for (const command of discovery.unlisted) addDiscovered(paths, command, {});
  return { ...document, paths: { ...(document.paths as Paths), ...paths } };
}

const PREFER = { $ref: '#/components/parameters/Prefer' };

/** What the gateway's own routes can answer besides. */
function withProblems(paths: Paths): Paths {
  const entries = Object.entries(paths).map(([path, methods]) => {
    const isForwarded = path.startsWith('/v1/events') || path.startsWith('/v1/lights');
    const operations = Object.entries(methods).map(([method, operation]) => {
      const isOpen = Array.isArray(operation['security']) && operation['security'].length === 0;
      const isPage = isOpen && method === 'get';
      const hasBody = operation['requestBody'] !== undefined;
      const own = ownProblemResponses({ hasBody });
      const problems = isForwarded ? problemResponses({ hasBody }) : isPage ? { '400': own['400'] } : own;
      const responses = operation['responses'] as Record<string, unknown>;
      const parameters = operation['parameters'] as readonly Operation[] | undefined;
      const takesPrefer = path.startsWith('/v1/lights') && method !== 'get';
      const styled = parameters && {
        parameters: [...parameters.map(withStyle), ...(takesPrefer ? [PREFER] : [])],
      };
      return [method, { ...operation, ...styled, responses: { ...problems, ...responses } }];
    });
    return [path, Object.fromEntries(operations) as Record<string, Operation>];
  });
  return Object.fromEntries(entries) as Paths;
}

/** A list in the query is repeated; generators need it said. */
function withStyle(parameter: Operation): Operation {
  const { in: place, schema } = parameter;
  const isList =
    place === 'query' &&
    typeof schema === 'object' &&
    schema !== null &&
    'type' in schema &&
    schema.type === 'array';
  return isList ? { ...parameter, style: 'form', explode: true } : parameter;
}

function sorted(components: Components): Components {
  return Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The studios that a document names. */
export interface NamedStudios {
  readonly names: readonly string[];
  readonly default: string;
}

/** The base URLs: each path is there once, for the default studio and for those that are named. */
export function serversOf(prefix: string, { names, default: own }: NamedStudios): OpenAPIV3_1.ServerObject[] {
  const whole = { url: prefix === '' ? '/' : prefix, description: 'This gateway, and its default studio' };
  const [first, ...others] = names;
  if (first === undefined) return [whole];
  const chosen = names.includes(own) ? own : first;
  return [
    whole,
    {
      url: `${prefix}/studios/{studio}`,
      description: 'One studio',
      variables: {
        studio: { default: chosen, enum: [first, ...others], description: 'The name of a studio.' },
      },
    },
  ];
}
