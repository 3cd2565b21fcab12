import { describe, expect, test } from 'vitest';
import { problemOf, settled, startGateway, startSimulator, until } from '../../support/gateway.js';
import type { Gateway } from '../../support/gateway.js';
import { HAS_NATS, NatsServer } from '../../support/nats-server.js';

async function startOrigin(server: NatsServer, settings: Readonly<Record<string, unknown>> = {}) {
  const { simulator, port } = await startSimulator();
  const origin = await startGateway(port, { nats: [server.url], natsName: 'home', ...settings });
  await settled(origin);
  return { simulator, origin };
}

async function startEdge(server: NatsServer, settings: Readonly<Record<string, unknown>> = {}) {
  const edge = await startGateway(1, {
    rcsp: undefined,
    edge: true,
    nats: [server.url],
    natsName: 'edge-1',
    ...settings,
  });
  await until(() => edge.app.studios.default.upstream.state === 'connected');
  return edge;
}

describe.runIf(HAS_NATS)('an origin and an edge', () => {
  test('an edge answers commands from the studio of its origin', async () => {
    const server = await NatsServer.start();
    const { origin } = await startOrigin(server);
    const edge = await startEdge(server);
    const there = await edge.get('/v1/devices/1/name');
    expect(there.status).toBe(200);
    expect(there.json).toEqual((await origin.get('/v1/devices/1/name')).json);
    expect((await edge.get('/v1/studios')).json).toMatchObject({
      studios: [{ name: 'studio', kind: 'nats', state: 'connected', default: true }],
    });
  });
});
