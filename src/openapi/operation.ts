/** From a command to its OpenAPI operation: the same for those of the catalog and those that a server lists. */
import { z } from 'zod';
import type { CommandDefinition, HttpRoute, Policy } from '../catalog/index.js';
import type { DescribedCommand } from '../upstreams/discovery/listings.js';
import { UNLISTED_POLICY } from '../catalog/execute.js';
import { commandCall, fieldsOf, present, routeSchema } from '../catalog/route-schema.js';
import { jsonSchema } from './json-schema.js';
import type { Components, JsonSchema } from './json-schema.js';
import { problemResponses } from './problem-responses.js';
import { securityOf } from './security.js';

export type Operation = Record<string, unknown>;
/** Path → method → operation. */
export type Paths = Record<string, Record<string, Operation>>;

const ANSWER_HEADERS = {
  'X-Track-Id': { $ref: '#/components/headers/TrackId' },
  'Server-Timing': { $ref: '#/components/headers/ServerTiming' },
  'Rcsp-Unknown-Arguments': { $ref: '#/components/headers/UnknownArguments' },
};
const PREFER = { $ref: '#/components/parameters/Prefer' };

/** Adds the operations of a command's routes. */
export function addCommand(paths: Paths, command: CommandDefinition, components: Components): void {
  command.routes.forEach((route) => {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = commandOperation(command, route, components);
  });
}

function commandOperation(command: CommandDefinition, route: HttpRoute, components: Components): Operation {
  const { params, querystring, body } = routeSchema(command, route);
  const parameters = [
    ...parametersOf(params, 'path', command.example.arguments, components),
    ...parametersOf(querystring, 'query', command.example.arguments, components),
    PREFER,
  ];
  return {
    operationId: route.operationId ?? command.name,
    summary: route.summary ?? command.summary,
    description: describe(command.name, command.description, command.policy),
    tags: [command.tag],
    security: securityOf(command.policy.scope),
    parameters,
    ...(body && requestBody(body, exampleBody(command, params), components)),
    responses: {
      ...success(command, components),
      ...(command.policy.isJob === true && ACCEPTED),
      ...problemResponses({ hasBody: body !== undefined }),
    },
    'x-rcsp': { command: command.name, version: command.version, ...command.policy },
  };
}

const ACCEPTED = {
  '202': {
    description: 'With `Prefer: respond-async`: it goes on as a job.',
    headers: {
      ...ANSWER_HEADERS,
      Location: { description: 'Where to follow it: `/v1/jobs/{JobId}`.', schema: { type: 'string' } },
    },
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Job' } } },
  },
};

const ANY_ANSWER = {
  '200': answer("The command's `Response`, as the studio wrote it.", {}),
  '204': { description: 'Done; the studio sent no `Response`.', headers: ANSWER_HEADERS },
};

/** The operation by which every command can be called. */
export function addCommandCall(paths: Paths, components: Components): void {
  const example = { Arguments: { DeviceId: 1 }, Version: 1 };
  paths['/v1/commands/{Command}'] = {
    post: {
      operationId: 'CallCommand',
      summary: 'Call any command by its name',
      description:
        'A command of the specification is checked like on its own route; any other against the arguments that the ' +
        'studio lists for it. What nobody describes is sent as it is.\n\n' +
        `Needs the command's scope; \`${UNLISTED_POLICY.scope}\` for one that the specification does not have.`,
      tags: ['Commands'],
      security: securityOf('read'),
      parameters: [
        ...parametersOf(commandCall.params, 'path', { Command: 'GetDeviceName' }, components),
        PREFER,
      ],
      ...requestBody(commandCall.body, example, components),
      responses: { ...ANY_ANSWER, ...ACCEPTED, ...problemResponses({ hasBody: true }) },
    },
  };
}

/** The operation of a command that the connected server lists and no table knows. */
export function addDiscovered(paths: Paths, command: DescribedCommand, components: Components): void {
  const needsArguments = !command.arguments.safeParse({}).success;
  const call = z.object({
    Arguments: needsArguments ? command.arguments : command.arguments.optional(),
    Version: z.int().min(1).optional().describe(`Version of the command; ${command.version} when left out.`),
  });
  const body = needsArguments ? call : call.optional();
  const info = command.info === '' ? 'The server gives no description.' : command.info;
  paths[`/v1/commands/${encodeURIComponent(command.name)}`] = {
    post: {
      operationId: command.name,
      summary: `${command.name} (discovered)`,
      description: describe(
        command.name,
        `${info}\n\nListed by the connected studio, not by the specification.`,
        UNLISTED_POLICY,
      ),
      tags: ['Commands'],
      security: securityOf(UNLISTED_POLICY.scope),
      parameters: [PREFER],
      ...requestBody(body, undefined, components),
      responses: { ...ANY_ANSWER, ...problemResponses({ hasBody: true }) },
      'x-rcsp': { command: command.name, version: command.version, ...UNLISTED_POLICY },
      'x-discovered': true,
    },
  };
}

function describe(name: string, text: string | undefined, policy: Policy): string {
  const facts = [
    `RCSP command \`${name}\``,
    `scope \`${policy.scope}\``,
    `timeout ${policy.timeoutMs / 1000} s unless \`Prefer: wait\` says otherwise`,
    ...(policy.repeatable ? ['repeated once when a connection is lost'] : ['never sent twice']),
  ];
  return [...(text === undefined ? [] : [text]), `${facts.join('; ')}.`].join('\n\n');
}

function parametersOf(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query',
  examples: Readonly<Record<string, unknown>>,
  components: Components,
): Operation[] {
  return Object.entries(schema ? fieldsOf(schema) : {}).map(([name, field]) => {
    const { description, ...own } = jsonSchema(present(field), 'input', components);
    const required = place === 'path';
    const example = examples[name];
    return { name, in: place, required, description, schema: own, ...(example !== undefined && { example }) };
  });
}

function requestBody(body: z.ZodType, example: unknown, components: Components): Operation {
  const optional = body.safeParse(undefined).success;
  const schema = jsonSchema(optional ? present(body) : body, 'input', components);
  const media = { schema, ...(example !== undefined && { example }) };
  return { requestBody: { required: !optional, content: { 'application/json': media } } };
}

/** The example's arguments that are not in the path; nothing when a body would be empty. */
function exampleBody({ example }: CommandDefinition, params: z.ZodObject | undefined): unknown {
  const inPath = Object.keys(params?.shape ?? {});
  const rest = Object.entries(example.arguments).filter(([name]) => !inPath.includes(name));
  return rest.length > 0 ? Object.fromEntries(rest) : undefined;
}

function success({ response, example }: CommandDefinition, components: Components): Record<string, unknown> {
  if (response === null) return { '204': { description: 'Done.', headers: ANSWER_HEADERS } };
  return {
    '200': answer(
      "The command's `Response`, as the studio wrote it.",
      jsonSchema(response, 'output', components),
      example.response,
    ),
    '204': { description: 'The studio sent no `Response`.', headers: ANSWER_HEADERS },
  };
}

function answer(description: string, schema: JsonSchema, example?: unknown): Operation {
  const media = { schema, ...(example !== undefined && { example }) };
  return { description, headers: ANSWER_HEADERS, content: { 'application/json': media } };
}
