// @module-tag extended
import { jetstreamManager } from '@nats-io/jetstream';
import { describe, expect, test } from 'vitest';
import { counting, until } from '../../support/gateway.js';
import { EventClient } from '../../support/event-client.js';
import { HAS_NATS, NatsServer } from '../../support/nats-server.js';
import {
  DOCUMENTED_AUTHORIZATION,
  emit,
  Foreigner,
  startEdge,
  startOrigin,
} from '../../support/nats-gateways.js';

async function start() {
  const server = await NatsServer.start({ config: DOCUMENTED_AUTHORIZATION });
  const at = (user: string) => `nats://${user}:change-me-${user}@127.0.0.1:${server.port}`;
  const own = await startOrigin(at('home'), { natsName: undefined });
  const edge = await startEdge(at('edge-1'), { natsName: undefined });
  const foreigner = await Foreigner.connect(server.url, {
    user: 'edge-2',
    pass: 'change-me-edge-2',
    inboxPrefix: '_INBOX.edge-2',
  });
  return { server, ...own, edge, foreigner };
}

describe.runIf(HAS_NATS)('a hub that enforces the documented permissions', () => {
  test('lets an origin and an edge do all that they do', async () => {
    const { simulator, edge, origin } = await start();
    const client = await EventClient.connect(edge);
    await client.subscribe(['Logs/Info']);
    emit(simulator, 1, 2);
    await until(() => client.numbers().length === 2);
    expect((await edge.put('/v1/devices/1/name', { DeviceName: 'x' })).status).toBe(204);
    const line = origin.log.find((each) => 'audit' in each);
    expect(line?.['audit']).toMatchObject({ edge: 'edge-1' });
    for (const gateway of [origin, edge])
      expect(gateway.lines.filter((each) => /permission|violation/i.test(each))).toEqual([]);
  });

  test.each([
    'rcsp.v1.stage.ev.Logs.Info',
    'rcsp.v1.stage.meta',
    'rcsp.v1.stage.gw.jobs',
    '$JS.API.STREAM.DELETE.RCSP',
    '$JS.API.STREAM.PURGE.RCSP',
  ])('does not let an edge publish to %s', async (subject) => {
    const { foreigner } = await start();
    await expect(foreigner.connection.request(subject, '{}', { timeout: 3000 })).rejects.toThrow(
      /ermissions? /,
    );
  });

  test.each(['rcsp.v1.stage.cmd.*', 'rcsp.v1.stage.meta.owner', '_INBOX.edge-1.>'])(
    'does not let an edge subscribe to %s',
    async (subject) => {
      const { foreigner } = await start();
      const refused = new Promise<string>((resolve) => {
        foreigner.connection.subscribe(subject, { callback: (error) => resolve(error?.message ?? 'heard') });
      });
      expect(await refused).toMatch(/ermissions? /);
    },
  );

  test('a consumer that an edge points at commands brings none to the studio', async () => {
    const { foreigner, simulator, edge } = await start();
    const count = counting(simulator);
    const manager = await jetstreamManager(foreigner.connection, { checkAPI: false });
    await manager.consumers
      .add('RCSP', { name: 'attack', deliver_subject: 'rcsp.v1.stage.cmd.Info', filter_subject: '' })
      .catch(() => undefined);
    emit(simulator, 1, 2, 3);
    expect((await edge.get('/v1/devices/1/name')).status).toBe(200);
    expect(count('Info')).toBe(0);
  });
});
