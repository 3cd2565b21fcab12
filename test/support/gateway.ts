import { channelName } from '../../src/wire/channel-pattern.js';
import { pino } from 'pino';
import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { buildApp } from '../../src/app.js';
import { loadConfig } from '../../src/config/config.js';
import type { Values } from '../../src/config/config.js';
import { MASKING } from '../../src/util/log.js';
import { Simulator } from '../../src/simulator/simulator.js';
import type { SimulatorOptions } from '../../src/simulator/simulator.js';
import { ScriptedServer } from './scripted-server.js';
import type { ReceivedCommand } from './scripted-server.js';

/** Milliseconds after which a test's own request is given up on. */
const TIMEOUT_MS = 30_000;

export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  code: z.string(),
  command: z.string().optional(),
  trackId: z.string(),
  outcome: z.enum(['not-sent', 'no-answer', 'rejected']).optional(),
  errors: z.array(z.strictObject({ path: z.string(), reason: z.string() })).optional(),
});
export type Problem = z.output<typeof Problem>;

export type LogLine = Readonly<Record<string, unknown>>;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body; undefined when it is empty. */
  readonly json: unknown;
}

interface Ask {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A gateway that listens, as its users meet it. */
export class Gateway {
  readonly app: FastifyInstance;
  readonly url: string;
  /** Everything it logged, as text. */
  readonly lines: readonly string[];

  constructor(app: FastifyInstance, lines: readonly string[]) {
    this.app = app;
    this.url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    this.lines = lines;
  }

  get log(): LogLine[] {
    return this.lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
  }

  async ask(method: string, path: string, { body, raw, headers }: Ask = {}): Promise<Reply> {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(content !== undefined && { body: content }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.ask('GET', path, { headers });
  }

  put(path: string, body: unknown): Promise<Reply> {
    return this.ask('PUT', path, { body });
  }

  post(path: string, body?: unknown): Promise<Reply> {
    return this.ask('POST', path, { body });
  }

  /** Any command by its name. */
  call(name: string, args?: Readonly<Record<string, unknown>>): Promise<Reply> {
    return this.post(`/v1/commands/${name}`, args === undefined ? {} : { Arguments: args });
  }

  /** The value of a metric's line, 0 when there is none; of the one studio, where the line names none. */
  async metric(line: string): Promise<number> {
    const { text } = await this.get('/metrics');
    const ofStudio = line.endsWith('}')
      ? line.replace(/}$/, ',studio="studio"}')
      : `${line}{studio="studio"}`;
    const found = text
      .split('\n')
      .find((each) => each.startsWith(`${line} `) || each.startsWith(`${ofStudio} `));
    return found === undefined ? 0 : Number(found.slice(found.lastIndexOf(' ') + 1));
  }
}

/** Started, not awaited: the studio may be absent. Ends with the test. */
export async function startGateway(rcspPort: number, settings: Values = {}): Promise<Gateway> {
  const lines: string[] = [];
  const config = loadConfig(
    { rcsp: `127.0.0.1:${rcspPort}`, listen: '127.0.0.1:0', grace: 0, logLevel: 'trace', ...settings },
    // Not the tokens of whoever runs the tests.
    { XDG_CONFIG_HOME: join(tmpdir(), 'rcsp-gateway-tests-without-tokens') },
  );
  const app = await buildApp(
    config,
    pino({ level: config.logLevel, formatters: MASKING }, { write: (line) => void lines.push(line) }),
  );
  onTestFinished(() => app.close());
  await app.listen({ ...config.listen });
  return new Gateway(app, lines);
}

/** Polls: for what only the other side of a socket knows. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(condition, { timeout: 20_000, interval: 5 });
}

/** The gateway is ready, has read every listing and is subscribed to what the studio publishes. */
export async function settled(gateway: Gateway): Promise<void> {
  const { pool, events: source, discovery } = gateway.app.studios.default.upstream;
  await until(() => pool.connections.every((each) => each.isUp) && source.connected);
  await until(async () => (await gateway.get('/ready')).status === 200);
  await discovery.refresh();
  const names = discovery.publishers.flatMap(({ publisher, topics }) =>
    topics.map((topic) => channelName(publisher, topic)),
  );
  const streams = names.filter((name) => source.owns(name)).map((name) => source.open(name));
  await Promise.allSettled(streams.map((each) => each.ready));
  for (const each of streams) each.close();
}

/** Nothing happens in it by itself; slow things are quick. Ends with the test. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<{
  simulator: Simulator;
  port: number;
}> {
  const simulator = new Simulator({ events: false, speed: 20, ...options });
  onTestFinished(() => simulator.close());
  const { port } = await simulator.listen();
  return { simulator, port };
}

/** A gateway in front of a simulator, settled. */
export async function startBoth(
  settings: Values = {},
  options: SimulatorOptions = {},
): Promise<{ gateway: Gateway; simulator: Simulator }> {
  const { simulator, port } = await startSimulator(options);
  const gateway = await startGateway(port, settings);
  await settled(gateway);
  return { gateway, simulator };
}

/** How often each command ran since the call; the answer is a function that counts. */
export function counting(simulator: Simulator): (command: string) => number {
  const before = new Map(simulator.commandCounts);
  return (command) => (simulator.commandCounts.get(command) ?? 0) - (before.get(command) ?? 0);
}

type Script = Readonly<Record<string, (command: ReceivedCommand) => void>>;

/** A gateway in front of a scripted server that answers `{}` to whatever the script does not take. */
export async function startScripted(
  script: (server: ScriptedServer) => Script,
  settings: Values = {},
): Promise<{ gateway: Gateway; server: ScriptedServer }> {
  const server = await ScriptedServer.start();
  const behaviours = script(server);
  server.onCommand = (command) => {
    const behaviour = behaviours[command.name];
    if (behaviour === undefined) server.ok(command, {});
    else behaviour(command);
  };
  const gateway = await startGateway(server.port, settings);
  await settled(gateway);
  return { gateway, server };
}

/** The problem of an answer, whose form, headers and status must agree. */
export function problemOf({ status, headers, json }: Reply): Problem {
  const problem = Problem.parse(json);
  const contentType = headers.get('content-type');
  if (contentType?.startsWith('application/problem+json') !== true) {
    throw new Error(`the content type is ${contentType}`);
  }
  if (problem.status !== status) throw new Error(`status ${status}, the problem says ${problem.status}`);
  if (problem.trackId !== headers.get('x-track-id')) {
    throw new Error(`X-Track-Id is ${headers.get('x-track-id')}, trackId is ${problem.trackId}`);
  }
  return problem;
}
