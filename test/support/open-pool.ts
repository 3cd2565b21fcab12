import { onTestFinished, vi } from 'vitest';
import { GatewayError, RejectedError } from '../../src/errors/errors.js';
import type { ProtocolErrorKind } from '../../src/upstreams/rcsp/answer-matching.js';
import type { EventMessage } from '../../src/upstreams/rcsp/protocol/message.js';
import type { Answer, WireCommand } from '../../src/catalog/execute.js';
import { Pool } from '../../src/upstreams/rcsp/pool.js';
import type { PoolListener, PoolOptions } from '../../src/upstreams/rcsp/pool.js';
import { createTrackIds } from '../../src/util/track-id.js';

/** A pool, and what its listener heard. */
export interface OpenPool {
  readonly pool: Pool;
  readonly events: EventMessage[];
  readonly protocolErrors: ProtocolErrorKind[];
  /** `onStudio`'s answers, in order. */
  readonly studio: boolean[];
}

/** Started, not awaited: the studio may be absent. Ends with the test. */
export function startPool(
  port: number,
  options: Partial<PoolOptions> = {},
  listener: Partial<PoolListener> = {},
): OpenPool {
  const events: EventMessage[] = [];
  const protocolErrors: ProtocolErrorKind[] = [];
  const studio: boolean[] = [];
  const pool = new Pool(
    {
      host: '127.0.0.1',
      port,
      size: 1,
      maxWaiting: 1000,
      connectTimeoutMs: 2000,
      maxPayloadBytes: 64 * 1024,
      ...options,
    },
    {
      onStudio: (connected) => studio.push(connected),
      onConnectionState: () => undefined,
      onProtocolError: (kind) => protocolErrors.push(kind),
      onEvent: (event) => events.push(event),
      ...listener,
    },
  );
  onTestFinished(() => pool.close(0));
  pool.start();
  return { pool, events, protocolErrors, studio };
}

/** Every connection is up. */
export async function openPool(port: number, options: Partial<PoolOptions> = {}): Promise<OpenPool> {
  const opened = startPool(port, options);
  await allUp(opened.pool);
  return opened;
}

export async function allUp(pool: Pool): Promise<void> {
  await vi.waitUntil(() => pool.connections.every((each) => each.isUp), { timeout: 20_000, interval: 5 });
}

const nextTrackId = createTrackIds();

interface Ask extends Partial<Omit<WireCommand, 'command'>> {
  readonly args?: Readonly<Record<string, unknown>>;
}

/** A quick write with a time limit that no test reaches, unless it says otherwise. */
export function ask(name: string, { args, ...policy }: Ask = {}): WireCommand {
  const command = { Command: name, TrackId: nextTrackId(), Version: 1, ...(args && { Arguments: args }) };
  return { command, slow: false, repeatable: false, timeoutMs: 10_000, ...policy };
}

/** How a command failed. Call it at once: the failure must not go unheard meanwhile. */
export async function failureOf(answer: Promise<Answer>): Promise<GatewayError | RejectedError> {
  const error = await answer.then(
    () => new Error('the command was answered'),
    (reason: unknown) => reason,
  );
  if (error instanceof GatewayError || error instanceof RejectedError) return error;
  throw error;
}

export async function responseOf(answer: Promise<Answer>): Promise<unknown> {
  return (await answer).response;
}
