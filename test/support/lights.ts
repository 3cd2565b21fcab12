import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { LightsUpstream } from '../../src/upstreams/lights/lights-upstream.js';
import type { LightsOptions } from '../../src/upstreams/lights/lights-upstream.js';
import { LightSimulator } from '../../src/simulator/lights/light-simulator.js';
import type { LightSimulatorOptions } from '../../src/simulator/lights/light-simulator.js';
import { temporaryFolder } from './access.js';
import { until } from './gateway.js';

const quiet = { level: 'silent', debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Ends with the test. Its sequences are quick. */
export async function startLight(options: LightSimulatorOptions = {}): Promise<LightSimulator> {
  const light = new LightSimulator({ speed: 10, ...options });
  onTestFinished(() => light.close());
  await light.listen();
  return light;
}

/** What an upstream told. */
export interface Told {
  readonly events: { readonly channel: string; readonly text: string }[];
  readonly lost: string[][];
  readonly refused: string[];
  readonly commands: string[];
}

/** An upstream that is connected to its nodes. Ends with the test. */
export async function startLights(
  nodes: LightsOptions['nodes'],
  options: Partial<LightsOptions> = {},
): Promise<{ lights: LightsUpstream; told: Told; to: { host: string; port: number } }> {
  const told: Told = { events: [], lost: [], refused: [], commands: [] };
  const lights = new LightsUpstream({
    nodes,
    listen: { host: '127.0.0.1', port: 0 },
    stateFile: join(temporaryFolder(), 'lights.json'),
    maxTimeoutMs: 20_000,
    log: quiet,
    onCommand: (node, command, error) =>
      void told.commands.push(`${node} ${command} ${error === undefined ? 'ok' : 'failed'}`),
    onRefused: (reason) => void told.refused.push(reason),
    ...options,
  });
  onTestFinished(() => lights.stop());
  lights.events.attach({
    onEvent: (channel, event) => void told.events.push({ channel, text: event.toString() }),
    onRefused: () => undefined,
    onLost: (channels = []) => void told.lost.push([...channels]),
    onSource: () => undefined,
    onOffers: () => undefined,
  });
  lights.start();
  await until(() => lights.nodes.every(({ state }) => state === 'connected'));
  return { lights, told, to: { host: '127.0.0.1', port: lights.port! } };
}

/** A command of an upstream. */
export function ask(
  lights: LightsUpstream,
  node: string,
  name: string,
  args: object = {},
  timeoutMs?: number,
): Promise<unknown> {
  return lights.commands
    .execute({ name, command: undefined, arguments: { node, ...args }, timeoutMs, trackId: 't' })
    .then(({ response }) => response);
}

const Sent = z.looseObject({
  port: z.number(),
  type_: z.string().optional(),
  command: z.string().optional(),
});

/** A node that takes requests and says only what the test makes it say. */
export class ScriptedNode {
  readonly received: z.output<typeof Sent>[] = [];
  readonly port: number;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<ScriptedNode> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      void text(socket).then((said) => {
        node.received.push(Sent.parse(JSON.parse(said)));
        socket.end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const node = new ScriptedNode((server.address() as AddressInfo).port);
    return node;
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.port };
  }

  get commands(): readonly string[] {
    return this.received.flatMap(({ command }) => command ?? []);
  }

  /** The mark of its `n`th command. */
  mark(n: number): string {
    return /@@([0-9a-f]+):ok/.exec(this.commands[n] ?? '')?.[1] ?? '';
  }

  say(event: object): Promise<void> {
    const { port } = this.received[0]!;
    const base = { id: 'aaaa0001', name: 'scripted', ip: '127.0.0.1', port: this.port, version: '1' };
    return sendBytes(port, JSON.stringify({ ...base, coordinator: false, ...event }));
  }

  output(n: number, text = '', how = 'ok'): Promise<void> {
    return this.say({ type_: 'output', output: `${text}@@${this.mark(n)}:${how}\n` });
  }

  message(message: string): Promise<void> {
    return this.say({ type_: 'message', message });
  }

  async sent(n: number): Promise<void> {
    await until(() => this.commands.length > n);
  }
}

/** One connection with these bytes; resolves when it is closed. */
export async function sendBytes(port: number, bytes: Buffer | string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.end(bytes);
  socket.resume();
  await once(socket, 'close');
}
