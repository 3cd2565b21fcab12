import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { z } from 'zod';
import type { Values } from '../../src/config/config.js';
import { problemOf, settled, startGateway } from './gateway.js';
import type { Gateway } from './gateway.js';
import { eventFrame, ScriptedServer } from './scripted-server.js';
import type { ReceivedCommand, ScriptedConnection } from './scripted-server.js';

const Name = z.looseObject({ DeviceName: z.string() });

/** A studio that keeps what came. It answers everything with `{}`, and SetDeviceName as `answer` decides. */
export class RecordedStudio {
  readonly server: ScriptedServer;
  /** The names of SetDeviceName, as often as they came. */
  readonly names: string[] = [];
  answer: (command: ReceivedCommand) => void;
  readonly #listeners = new Set<ScriptedConnection>();

  constructor(server: ScriptedServer) {
    this.server = server;
    this.answer = (command) => server.ok(command);
    server.onCommand = (command) => this.#onCommand(command);
  }

  /** Events of Logs/Info, `{"n": …}`. */
  emit(...numbers: readonly number[]): void {
    for (const n of numbers)
      for (const each of this.#listeners) if (each.open) each.raw(eventFrame('Logs', 'Info', { n }));
  }

  #onCommand(command: ReceivedCommand): void {
    if (command.name === 'Subscribe') this.#listeners.add(command.connection);
    if (command.name !== 'SetDeviceName') return this.server.ok(command, {});
    this.names.push(Name.parse(command.args).DeviceName);
    this.answer(command);
  }
}

/** An origin of the studio `stage`. Ends with the test. */
export async function startRecordedOrigin(
  url: string,
  settings: Values = {},
): Promise<{ origin: Gateway; studio: RecordedStudio }> {
  const server = await ScriptedServer.start();
  const studio = new RecordedStudio(server);
  const origin = await startGateway(server.port, {
    rcsp: undefined,
    studio: [`stage=127.0.0.1:${server.port}`],
    nats: [url],
    natsName: 'home',
    ...settings,
  });
  await settled(origin);
  return { origin, studio };
}

export type Told = 'ok' | 'not-sent' | 'no-answer' | 'rejected' | 'nothing';

/** What the caller of one write was told. */
export async function write(gateway: Gateway, name: string, waitSeconds = 2): Promise<Told> {
  const headers = { prefer: `wait=${waitSeconds}` };
  const body = { DeviceName: name };
  const reply = await gateway.ask('PUT', '/v1/devices/1/name', { body, headers });
  return reply.status < 300 ? 'ok' : (problemOf(reply).outcome ?? 'nothing');
}

/** Writes with a name of their own each, one every few milliseconds, until they are ended. */
export class Writes {
  readonly told = new Map<string, Told>();
  readonly #gateways: readonly Gateway[];
  readonly #running = new Set<Promise<void>>();
  readonly #ended = new AbortController();
  #count = 0;

  constructor(gateways: readonly Gateway[], everyMs: number) {
    this.#gateways = gateways;
    void this.#run(everyMs);
  }

  /** Those that were told this. */
  count(told: Told): number {
    return [...this.told.values()].filter((each) => each === told).length;
  }

  async end(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#running);
  }

  async #run(everyMs: number): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      const name = `write-${(this.#count += 1)}`;
      const gateway = this.#gateways[this.#count % this.#gateways.length];
      if (gateway === undefined) return;
      const running = write(gateway, name).then((told) => {
        this.told.set(name, told);
        this.#running.delete(running);
      });
      this.#running.add(running);
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** No write came twice; one that was answered came, one that was told `not-sent` did not. */
export function expectTruth(told: ReadonlyMap<string, Told>, names: readonly string[]): void {
  const times = (name: string): number => names.filter((each) => each === name).length;
  const lies = [...told]
    .map(([name, outcome]) => ({ name, outcome, times: times(name) }))
    .filter(({ outcome, times: n }) => {
      if (outcome === 'ok') return n !== 1;
      if (outcome === 'no-answer') return n > 1;
      return outcome !== 'not-sent' || n !== 0;
    });
  expect(lies).toEqual([]);
}
