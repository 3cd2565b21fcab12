import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import type { Values } from '../../../src/config/config.js';
import { temporaryFolder } from '../../support/access.js';
import { EventClient } from '../../support/event-client.js';
import { startGateway, until } from '../../support/gateway.js';
import type { Gateway } from '../../support/gateway.js';
import { emit, startEdge, startOrigin } from '../../support/nats-gateways.js';
import type { Origin } from '../../support/nats-gateways.js';
import {
  documentedPermissions,
  JwtOperator,
  makeNKey,
  permissionsConfig,
} from '../../support/nats-credentials.js';
import { HAS_NATS, NatsServer } from '../../support/nats-server.js';

/** An event, a write, a job and the end: all that origin and edge do, without a refusal of the hub. */
async function expectAll({ origin, simulator }: Origin, edge: Gateway): Promise<void> {
  const client = await EventClient.connect(edge);
  await client.subscribe(['Logs/Info']);
  emit(simulator, 1, 2);
  await until(() => client.numbers().length === 2);
  expect((await edge.put('/v1/devices/1/name', { DeviceName: 'x' })).status).toBe(204);
  for (const gateway of [origin, edge])
    expect(gateway.lines.filter((line) => /permission|violation/i.test(line))).toEqual([]);
}

/** A gateway that the hub does not let in goes on trying, and says why. */
async function expectRefused(url: string, settings: Values, reason: RegExp): Promise<Gateway> {
  const edge = await startGateway(1, { rcsp: undefined, edge: true, nats: [url], ...settings });
  await until(() => edge.log.some(({ msg }) => typeof msg === 'string' && reason.test(msg)));
  expect((await edge.get('/live')).status).toBe(200);
  return edge;
}

const edgeOf = (edge: Gateway): unknown => edge.app.studios.get('stage')?.upstream.state;

describe.runIf(HAS_NATS)('a hub that enforces the permissions of docs/scale.md', () => {
  test('lets users in whose JWTs carry them', async () => {
    const operator = new JwtOperator();
    const server = await NatsServer.start({ config: operator.config });
    const credentials = (role: 'origin' | 'edge', name: string) =>
      operator.credentials(name, documentedPermissions(role, name));
    const natsName = undefined;
    const own = await startOrigin(server.url, { natsName, natsCreds: credentials('origin', 'home') });
    const edge = await startEdge(server.url, { natsName, natsCreds: credentials('edge', 'show-1') });
    await expectAll(own, edge);
    const line = own.origin.log.find((each) => 'audit' in each);
    expect(line?.['audit']).toMatchObject({ edge: 'show-1' });
    await expectRefused(
      server.url,
      { natsCreds: operator.credentials('b', documentedPermissions('edge', 'b'), nkeys.createUser()) },
      /NATS at nats:.*Authorization Violation/,
    );
  });

  test('lets in who has the seed of a key, and nobody with another one', async () => {
    const [ofOrigin, ofEdge, ofNobody] = [makeNKey(), makeNKey(), makeNKey()];
    const user = (role: 'origin' | 'edge', { publicKey }: typeof ofEdge) =>
      `{ nkey: ${publicKey}, ${permissionsConfig(documentedPermissions(role, publicKey))} }`;
    const config = `authorization { users: [ ${user('origin', ofOrigin)}, ${user('edge', ofEdge)} ] }`;
    const server = await NatsServer.start({ config });
    const natsName = undefined;
    const own = await startOrigin(server.url, { natsName, natsCreds: ofOrigin.file });
    const edge = await startEdge(server.url, { natsName, natsCreds: ofEdge.file });
    await expectAll(own, edge);
    const file = join(temporaryFolder(), 'renewed.nk');
    writeFileSync(file, readFileSync(ofNobody.file));
    const refused = await expectRefused(
      server.url,
      { natsCreds: file, natsName: ofEdge.publicKey },
      /Authorization Violation/,
    );
    // The file is read anew at each attempt.
    writeFileSync(file, readFileSync(ofEdge.file));
    await until(() => edgeOf(refused) !== undefined);
  });
});
