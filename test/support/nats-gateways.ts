import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, headers } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JsMsg } from '@nats-io/jetstream';
import { onTestFinished } from 'vitest';
import type { Values } from '../../src/config/config.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { settled, startGateway, startSimulator, until } from './gateway.js';
import type { Gateway } from './gateway.js';

/** That of the example, which docs/scale.md explains. */
export const DOCUMENTED_AUTHORIZATION =
  /\n(authorization \{[^]*)$/.exec(readFileSync(join(PACKAGE_ROOT, 'examples/edge/hub.conf'), 'utf8'))?.[1] ??
  '';

export interface Origin {
  readonly origin: Gateway;
  readonly simulator: Simulator;
  readonly port: number;
}

/** A gateway with a simulated studio called `stage`, that publishes it. Ends with the test. */
export async function startOrigin(url: string, settings: Values = {}): Promise<Origin> {
  const { simulator, port } = await startSimulator();
  const origin = await startGateway(port, {
    rcsp: undefined,
    studio: [`stage=127.0.0.1:${port}`],
    nats: [url],
    natsName: 'home',
    ...settings,
  });
  await settled(origin);
  return { origin, simulator, port };
}

/** An edge that knows the studio. Ends with the test. */
export async function startEdge(url: string, settings: Values = {}): Promise<Gateway> {
  const edge = await startGateway(1, {
    rcsp: undefined,
    edge: true,
    nats: [url],
    natsName: 'edge-1',
    ...settings,
  });
  await until(() => stateOf(edge) === 'connected');
  return edge;
}

/** Of the studio `stage`. */
export function stateOf(edge: Gateway): string | undefined {
  return edge.app.studios.get('stage')?.upstream.state;
}

/** Emits events of Logs/Info, `{"n": …}`. */
export function emit(simulator: Simulator, ...numbers: readonly number[]): void {
  for (const n of numbers) simulator.emit('Logs', 'Info', { n });
}

/** A message of the stream. */
export type Stored = Pick<JsMsg, 'json' | 'string' | 'headers' | 'subject'>;

/** What a foreign program does at NATS. Ends with the test. */
export class Foreigner {
  readonly connection: NatsConnection;

  private constructor(connection: NatsConnection) {
    this.connection = connection;
    onTestFinished(() => connection.close());
  }

  static async connect(url: string, options: Parameters<typeof connect>[0] = {}): Promise<Foreigner> {
    return new Foreigner(await connect({ servers: url, ...options }));
  }

  /** The answer to a command, as JSON. */
  async ask(
    command: string,
    body: unknown,
    headerValues: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const all = headers();
    for (const [name, value] of Object.entries(headerValues)) all.set(name, value);
    const text = body === undefined ? '' : JSON.stringify(body);
    const subject = `rcsp.v1.stage.cmd.${command}`;
    return (await this.connection.request(subject, text, { timeout: 10_000, headers: all })).json();
  }

  /** What the stream has of a subject, in order. */
  async stored(subject: string): Promise<Stored[]> {
    const manager = await jetstreamManager(this.connection);
    const { state } = await manager.streams.info('RCSP', { subjects_filter: subject });
    const count = Object.values(state.subjects ?? {}).reduce((sum, each) => sum + each, 0);
    if (count === 0) return [];
    const consumer = await jetstream(this.connection).consumers.get('RCSP', { filter_subjects: subject });
    const found: Stored[] = [];
    for await (const message of await consumer.fetch({ max_messages: count, expires: 2000 }))
      found.push(message);
    return found;
  }

  async deleteStream(): Promise<void> {
    await (await jetstreamManager(this.connection)).streams.delete('RCSP');
  }

  /** How long, in milliseconds, the server knows the ids of messages. */
  async setDuplicateWindow(milliseconds: number): Promise<void> {
    const manager = await jetstreamManager(this.connection);
    await manager.streams.update('RCSP', { duplicate_window: milliseconds * 1_000_000 });
  }

  /** Stores a message as an origin would. */
  async publish(
    subject: string,
    body: string,
    headerValues: Readonly<Record<string, string>>,
  ): Promise<void> {
    const all = headers();
    for (const [name, value] of Object.entries(headerValues)) all.set(name, value);
    await jetstream(this.connection).publish(subject, body, { headers: all });
  }
}
