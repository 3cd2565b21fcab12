// @module-tag extended
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { describe, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/util/package-info.js';
import { counting, startGateway, until } from '../../support/gateway.js';
import { EventClient } from '../../support/event-client.js';
import { documentedPermissions } from '../../support/nats-credentials.js';
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

test('the example has the permissions of docs/scale.md', () => {
  const example = readFileSync(join(PACKAGE_ROOT, 'examples/edge/hub.conf'), 'utf8');
  const listed = (user: string, kind: string): string[] => {
    const [, list = ''] =
      new RegExp(`user: "${user}"[^]*?${kind}: \\{\\s*allow: \\[([^\\]]*)\\]`).exec(example) ?? [];
    return [...list.matchAll(/"([^"]+)"/g)].map(([, subject = '']) => subject).sort();
  };
  for (const [role, name] of [
    ['origin', 'home'],
    ['edge', 'edge-1'],
    ['edge', 'edge-2'],
  ] as const) {
    const { publish, subscribe } = documentedPermissions(role, name);
    expect(listed(name, 'publish')).toEqual([...publish].sort());
    expect(listed(name, 'subscribe')).toEqual([...subscribe].sort());
  }
});

test.each([
  ['a file that is not there', '/nowhere/x.creds', /--nats-creds .*ENOENT/],
  [
    'a file that holds no credentials',
    join(PACKAGE_ROOT, 'LICENSE'),
    /neither a JWT with its NKey nor the seed/,
  ],
])('%s stops the start', async (_, natsCreds, reason) => {
  const settings = { rcsp: undefined, edge: true, nats: ['nats://127.0.0.1:1'], natsCreds };
  await expect(startGateway(1, settings)).rejects.toThrow(reason);
});
