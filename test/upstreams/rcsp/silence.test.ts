import { expect, onTestFinished, test } from 'vitest';
import { until } from '../../support/gateway.js';
import { ScriptedServer } from '../../support/scripted-server.js';
import { RcspSource } from '../../../src/upstreams/rcsp/rcsp-source.js';
import { createTrackIds } from '../../../src/util/track-id.js';

const nothing = (): void => undefined;

/** A source that asks after 100 ms of silence and waits 100 ms; `states` is what it told. */
function startSource(port: number): boolean[] {
  const states: boolean[] = [];
  const source = new RcspSource(
    {
      id: 'studio',
      host: '127.0.0.1',
      port,
      connectTimeoutMs: 2000,
      maxPayloadBytes: 65_536,
      timeoutMs: 5000,
      nextTrackId: createTrackIds(),
      silenceMs: 100,
      probeTimeoutMs: 100,
    },
    {
      onConnectionState: nothing,
      onProtocolError: nothing,
      onRepaired: nothing,
      onEvent: nothing,
      onUnplaced: nothing,
      onWatch: nothing,
      onConnected: (connected) => states.push(connected),
      onProgress: nothing,
    },
  );
  onTestFinished(() => source.stop());
  source.start();
  return states;
}

test('a silent studio that answers or refuses Info stays connected', async () => {
  const server = await ScriptedServer.start();
  server.onCommand = (command) => {
    if (server.commands.length % 2 === 0) server.ok(command);
    else server.error(command, 'Busy');
  };
  const states = startSource(server.port);
  await server.received('Info', 4);
  expect(states).toEqual([true]);
  expect(server.connections).toHaveLength(1);
});

test('a frozen studio is told as disconnected until it answers on a new connection', async () => {
  const server = await ScriptedServer.start();
  const states = startSource(server.port);
  const first = await server.received('Info');
  await first.connection.ended;
  await until(() => states.length === 2);
  const second = await server.received('Info', 2);
  expect(second.connection).not.toBe(first.connection);
  expect(states).toEqual([true, false]);
  server.onCommand = (command) => server.ok(command);
  if (second.connection.open) server.ok(second);
  await until(() => states.at(-1) === true);
  expect(server.named('Info').length).toBeGreaterThanOrEqual(2);
});
