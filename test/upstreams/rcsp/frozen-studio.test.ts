// @module-tag extended
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Metrics } from '../../../src/metrics.js';
import { RcspUpstream } from '../../../src/upstreams/rcsp/rcsp-upstream.js';
import type { UpstreamState } from '../../../src/upstreams/upstream.js';
import { ask, failureOf, responseOf } from '../../support/open-pool.js';
import { until } from '../../support/gateway.js';
import { ScriptedServer } from '../../support/scripted-server.js';
import type { ReceivedCommand } from '../../support/scripted-server.js';

interface Watched {
  readonly server: ScriptedServer;
  readonly upstream: RcspUpstream;
  readonly states: UpstreamState[];
  /** The process stops: its system goes on to accept connections for it. */
  readonly freeze: () => void;
  readonly thaw: () => void;
}

/** An upstream that asks after 200 ms of silence and waits 200 ms; every connection is up. */
async function watched(poolSize = 2): Promise<Watched> {
  const server = await ScriptedServer.start();
  const answer = (command: ReceivedCommand): void => server.ok(command, {});
  server.onCommand = answer;
  const states: UpstreamState[] = [];
  const upstream: RcspUpstream = new RcspUpstream({
    id: 'studio',
    address: { host: '127.0.0.1', port: server.port },
    simulated: false,
    connectTimeoutMs: 2000,
    maxPayloadBytes: 64 * 1024,
    poolSize,
    maxWaiting: 100,
    maxTimeoutMs: 10_000,
    silenceMs: 200,
    probeTimeoutMs: 200,
    log: pino({ level: 'silent' }),
    metrics: new Metrics('0.0.0').ofStudio('studio'),
    keepOpen: (channel) => upstream.events.open(channel),
    onState: (state) => states.push(state),
    onUpdateEvent: () => undefined,
  });
  onTestFinished(async () => {
    await upstream.drain(0);
    upstream.stop();
  });
  upstream.start();
  await until(() => upstream.pool.connections.every((each) => each.isUp));
  await upstream.discovery.refresh();
  return {
    server,
    upstream,
    states,
    freeze: () => (server.onCommand = () => undefined),
    thaw: () => (server.onCommand = answer),
  };
}

describe('a studio that freezes', () => {
  test('is disconnected until it answers again', async () => {
    const { server, upstream, states, freeze, thaw } = await watched();
    freeze();
    await until(() => !upstream.pool.connected && states.length === 3);
    const before = server.connections.length;
    await until(() => server.connections.length >= before + 2);
    expect(states).toEqual(['disconnected', 'connected', 'disconnected']);
    expect(upstream.state).toBe('disconnected');
    expect(await failureOf(upstream.pool.send(ask('SetDeviceName')))).toMatchObject({
      code: 'Studio unreachable',
      outcome: 'not-sent',
    });
    thaw();
    await until(() => states.length === 4 && upstream.pool.connected);
    expect(states[3]).toBe('connected');
    expect(await responseOf(upstream.pool.send(ask('SetDeviceName')))).toEqual({});
  });

  test('with a command in flight answers it with no-answer, and is disconnected', async () => {
    const { upstream, freeze } = await watched();
    freeze();
    const failure = failureOf(upstream.pool.send(ask('SetDeviceName', { timeoutMs: 300 })));
    expect(await failure).toMatchObject({ outcome: 'no-answer' });
    await until(() => !upstream.pool.connected);
  });

  test('on its connections for commands alone leaves the events connected', async () => {
    const { server, upstream, states } = await watched(1);
    const events = server.named('Subscribe')[0]?.connection;
    const answer = server.onCommand;
    server.onCommand = (command) => {
      if (command.connection === events) answer(command);
    };
    const own = server.connections.find((each) => each !== events);
    await own?.ended;
    // The only connection that answers carries commands now.
    await until(() => upstream.pool.connections.every((each) => each.isRefused));
    expect(await responseOf(upstream.pool.send(ask('Info')))).toEqual({});
    expect(states).toEqual(['disconnected', 'connected']);
  });
});

test('a studio that answers, if only by a refusal, keeps its connections', async () => {
  const { server, states } = await watched();
  server.onCommand = (command) => server.error(command, 'Unknown command');
  const before = server.named('Info').length;
  await until(() => server.named('Info').length >= before + 6);
  expect(states).toEqual(['disconnected', 'connected']);
  expect(server.connections).toHaveLength(3);
});

test('a connection with a slow command in flight is not probed', async () => {
  const { server, upstream } = await watched(1);
  server.onCommand = (command) => {
    if (command.name !== 'RunSelfTest') server.ok(command, {});
  };
  const answer = responseOf(upstream.pool.send(ask('RunSelfTest', { slow: true })));
  const command = await server.received('RunSelfTest');
  const events = server.named('Subscribe')[0]?.connection;
  const before = server.commands.filter(({ connection }) => connection === events).length;
  await until(() => server.commands.filter(({ connection }) => connection === events).length >= before + 3);
  expect(command.connection.commands.at(-1)).toBe(command);
  server.ok(command, { passed: true });
  expect(await answer).toEqual({ passed: true });
});
