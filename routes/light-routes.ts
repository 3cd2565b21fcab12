import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '../src/errors/errors.js';
import { job } from '../src/jobs/job.js';
import { LIGHT_POLICIES, modelLight, onOff, shellCommand } from '../src/upstreams/lights/light-commands.js';
import type { LightCommand } from '../src/upstreams/lights/light-commands.js';
import { sequence, step } from '../src/upstreams/lights/light-registers.js';
import { runCommand } from './run-command.js';

const tags = ['Lights'];
const version = (of: string) => z.string().nullable().describe(`Version of ${of}.`);

const light = z
  .object({
    node: z.string().describe('Its name in routes and channels: the configured address.'),
    id: z.string().nullable().describe('Its own id; null before it has said anything.'),
    name: z.string().nullable().describe('Its own name.'),
    address: z.string().describe('Host name or address.'),
    port: z.int().describe('The port on which it listens.'),
    version: version('pycom'),
    state: z
      .enum(['connected', 'unreachable'])
      .describe('`connected`: it took our last heartbeat. `unreachable`: it took none for 15 s.'),
    since: z.number().describe('When it came to that state, in milliseconds since 1970.'),
    lastHeardAt: z.number().nullable().describe('When it last sent something, in milliseconds since 1970.'),
    unit: z
      .object({
        wiringPiVersion: version('WiringPi'),
        boardioVersion: version('boardio'),
        firmwareVersion: version('the firmware'),
        unitType: z.string().nullable().describe('Its role, such as `light_array`.'),
        mcuType: z.string().nullable().describe('Model of its microcontroller.'),
        macAddress: z.string().nullable().describe('MAC address of its network interface.'),
      })
      .nullable()
      .describe('What it told of itself; null before that.'),
  })
  .meta({ id: 'Light', description: 'A light array.' });

const lights = z.object({ lights: z.array(light).describe('In the order in which they are configured.') });
const kept = z
  .object({
    steps: z.array(step).describe('As they were uploaded; empty before that.'),
    standalone: z.boolean().describe('Whether the node also runs it whenever it starts.'),
  })
  .meta({ id: 'UploadedSequence', description: 'The sequence that was uploaded.' });
const shellAnswer = z.object({
  output: z.string().describe('What the command wrote, to both of its outputs.'),
  ok: z.boolean().describe('Whether it ended well.'),
});
const params = z.object({
  node: z.string().min(1).max(300).describe('Name or id of a light array, such as `192.168.0.23`.'),
});
type Params = z.output<typeof params>;

const DONE = { 204: { description: 'The node said `BOARDIO_READY`.' } };
interface Operation {
  readonly command: LightCommand;
  readonly method: 'PUT' | 'POST';
  readonly path: string;
  readonly body?: z.ZodObject;
  readonly summary: string;
  readonly description: string;
  readonly response?: object;
}

const OPERATIONS: readonly Operation[] = [
  {
    command: 'SetModelLight',
    method: 'PUT',
    path: 'model-light',
    body: modelLight,
    summary: 'Set the model light',
    description:
      'The light that stays on between pictures. Overwrites the sequence that the node has loaded.',
  },
  {
    command: 'SetLightFan',
    method: 'PUT',
    path: 'fan',
    body: onOff,
    summary: 'Switch the fans',
    description: 'A node starts with its fans off. Overwrites the sequence that the node has loaded.',
  },
  {
    command: 'SetLightPolarizer',
    method: 'PUT',
    path: 'polarizer',
    body: onOff,
    summary: 'Switch the polarizer',
    description: 'Overwrites the sequence that the node has loaded.',
  },
  {
    command: 'SetLightSequence',
    method: 'PUT',
    path: 'sequence',
    body: sequence,
    summary: 'Upload a sequence',
    description: 'Checked, written to the node, loaded, and kept by the gateway.',
  },
  {
    command: 'RunLightSequence',
    method: 'POST',
    path: 'sequence/run',
    summary: 'Run the sequence',
    description:
      'Loads it again, for the node has one slot, and waits for `Sequence complete`. Every run is a job.',
    response: {
      202: {
        description: 'With `Prefer: respond-async`: it goes on as a job.',
        headers: {
          Location: { type: 'string', description: 'Where to follow it: `/v1/jobs/{JobId}`.' },
          'X-Track-Id': { type: 'string', description: "The request's name in the logs." },
        },
        content: { 'application/json': { schema: job } },
      },
      204: { description: 'The node said `Sequence complete`.' },
    },
  },
  {
    command: 'RunLightShell',
    method: 'POST',
    path: 'commands',
    body: shellCommand,
    summary: 'Run a shell command on the node',
    description: 'Only where the gateway was started with `--lights-shell`; any other answers 404.',
    response: {
      200: { description: 'What came of it.', content: { 'application/json': { schema: shellAnswer } } },
    },
  },
];

/** Light arrays. `mayUseShell`: users may run any command on them. */
export function lightRoutes(app: FastifyInstance, mayUseShell: boolean): void {
  readRoutes(app);
  for (const operation of OPERATIONS) commandRoute(app, operation, mayUseShell);
}

function answer(schema: z.ZodType, description: string): object {
  return { 200: { description, content: { 'application/json': { schema } } } };
}

const READS = {
  list: {
    operationId: 'ListLights',
    tags,
    summary: 'List light arrays',
    description: 'Also those that are unreachable.',
    response: answer(lights, 'Light arrays.'),
  },
  one: {
    operationId: 'GetLight',
    tags,
    summary: 'Look up a light array',
    description: 'The channel `lights/{node}/Pycom/State` tells when its state changes.',
    params,
    response: answer(light, 'The light array.'),
  },
  sequence: {
    operationId: 'GetLightSequence',
    tags,
    summary: 'Get the uploaded sequence',
    description: 'As the gateway keeps it; the node is not asked.',
    params,
    response: answer(kept, 'The sequence.'),
  },
};

function readRoutes(app: FastifyInstance): void {
  app.get('/v1/lights', { schema: READS.list }, () => ({ lights: app.lights.descriptions }));
  app.get<{ Params: Params }>(
    '/v1/lights/:node',
    { schema: READS.one },
    (request) => app.lights.find(request.params.node).description,
  );
  app.get<{ Params: Params }>(
    '/v1/lights/:node/sequence',
    { schema: READS.sequence },
    (request) => app.lights.find(request.params.node).kept.sequence ?? { steps: [], standalone: false },
  );
}

function commandRoute(app: FastifyInstance, operation: Operation, mayUseShell: boolean): void {
  const { command, method, path, body, summary, description, response = DONE } = operation;
  app.route<{ Params: Params }>({
    method,
    url: `/v1/lights/:node/${path}`,
    schema: {
      operationId: command,
      tags,
      summary,
      description,
      params,
      ...(body && { body }),
      response,
    },
    config: { command, access: LIGHT_POLICIES[command].scope, writesHead: true },
    handler: (request, reply) => {
      if (command === 'RunLightShell' && !mayUseShell) {
        throw new GatewayError('Not found', 'This gateway runs no shell commands: see --lights-shell.', {
          outcome: 'not-sent',
        });
      }
      runCommand(app, request, reply, ({ timeoutMs, trackId }, listener) =>
        app.lightDispatcher.dispatch(
          request.caller(),
          {
            name: command,
            policy: LIGHT_POLICIES[command],
            node: request.params.node,
            // Checked by the schema.
            arguments: { ...(request.body as object | undefined) },
            isJob: command === 'RunLightSequence',
            timeoutMs,
            trackId,
          },
          listener,
        ),
      );
    },
  });
}
