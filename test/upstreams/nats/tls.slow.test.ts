import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Values } from '../../../src/config/config.js';
import { PACKAGE_ROOT } from '../../../src/util/package-info.js';
import type { Certificate } from '../../support/access.js';
import { Authority } from '../../support/authority.js';
import { EventClient } from '../../support/event-client.js';
import { startGateway, until } from '../../support/gateway.js';
import { emit, startEdge, startOrigin } from '../../support/nats-gateways.js';
import { HAS_NATS, NatsServer } from '../../support/nats-server.js';
import { freePort } from '../../support/scripted-server.js';

/** The same for TCP and for WebSockets. */
async function startHub({ cert, key }: Certificate, clientAuthority?: string) {
  const asks = clientAuthority === undefined ? '' : `ca_file: "${clientAuthority}", verify: true`;
  const tls = `tls { cert_file: "${cert}", key_file: "${key}", ${asks} }`;
  const port = await freePort();
  const config = `${tls}\nwebsocket { listen: "127.0.0.1:${port}", ${tls} }\n`;
  const server = await NatsServer.start({ config });
  return { tls: server.urlAt('127.0.0.1', 'tls'), wss: `wss://127.0.0.1:${port}` };
}

async function expectEvents(urlOfOrigin: string, urlOfEdge: string, settings: Values): Promise<void> {
  const { simulator } = await startOrigin(urlOfOrigin, settings);
  const edge = await startEdge(urlOfEdge, settings);
  const client = await EventClient.connect(edge);
  await client.subscribe(['Logs/Info']);
  emit(simulator, 1, 2);
  await until(() => client.numbers().length === 2);
  expect((await edge.put('/v1/devices/1/name', { DeviceName: 'x' })).status).toBe(204);
}

/** The start goes on without the hub, and the log has the reason. */
async function expectRefused(url: string, settings: Values, reason: RegExp): Promise<void> {
  const edge = await startGateway(1, { rcsp: undefined, edge: true, nats: [url], ...settings });
  const told = (): string[] => edge.log.flatMap(({ msg }) => (typeof msg === 'string' ? [msg] : []));
  await until(() => told().some((each) => each.startsWith('NATS at ')));
  expect(told().find((each) => each.startsWith('NATS at '))).toMatch(reason);
  expect((await edge.get('/live')).status).toBe(200);
}

describe.runIf(HAS_NATS)('a hub with a certificate of an authority of its own', () => {
  test('is reached over tls:// and wss:// with --nats-ca', async () => {
    const authority = new Authority();
    const hub = await startHub(authority.issue('hub'));
    await expectEvents(hub.tls, hub.wss, { natsCa: authority.file });
  });

  // One kind after the other: the library has one transport for the whole process.
  test('is refused over tls:// and wss:// without it, and the log says why', async () => {
    const hub = await startHub(new Authority().issue('hub'));
    for (const url of [hub.tls, hub.wss]) {
      const others: Values[] = [{}, { natsCa: new Authority().file }];
      await Promise.all(others.map((each) => expectRefused(url, each, /certificate/)));
    }
  });

  test('is refused over tls:// and wss:// when the name is another one', async () => {
    const authority = new Authority();
    const hub = await startHub(authority.issue('hub', 'DNS:elsewhere.example'));
    for (const url of [hub.tls, hub.wss])
      await expectRefused(url, { natsCa: authority.file }, /does not match certificate's altnames/);
  });

  test('that asks for one of the gateway gets it, over tls:// and wss://', async () => {
    const authority = new Authority();
    const hub = await startHub(authority.issue('hub'), authority.file);
    const { cert: natsCert, key: natsKey } = authority.issue('gateway');
    await expectEvents(hub.wss, hub.tls, { natsCa: authority.file, natsCert, natsKey });
  });

  test('that asks for one of the gateway refuses it over tls:// and wss:// without one', async () => {
    const authority = new Authority();
    const natsCa = authority.file;
    const hub = await startHub(authority.issue('hub'), natsCa);
    const { cert: natsCert, key: natsKey } = new Authority().issue('stranger');
    for (const url of [hub.tls, hub.wss])
      await Promise.all([
        expectRefused(url, { natsCa }, /certificate/),
        expectRefused(url, { natsCa, natsCert, natsKey }, /certificate|unknown ca/),
      ]);
  });
});

test.runIf(HAS_NATS)('a hub without TLS is not spoken to over tls://', async () => {
  const server = await NatsServer.start();
  await expectRefused(server.urlAt('127.0.0.1', 'tls'), {}, /tls/);
});

test.each<[string, Values, RegExp]>([
  [
    'an authority that is not there',
    { natsCa: '/nowhere/ca.pem' },
    /--nats-ca \/nowhere\/ca\.pem cannot be read/,
  ],
  ['an authority that is none', { natsCa: join(PACKAGE_ROOT, 'LICENSE') }, /--nats-ca .* is no certificate/],
  ['a certificate without its key', { natsCert: 'x.pem' }, /--nats-cert and --nats-key need each other/],
  [
    'a certificate that is none',
    { natsCert: join(PACKAGE_ROOT, 'LICENSE'), natsKey: join(PACKAGE_ROOT, 'LICENSE') },
    /--nats-cert .* and --nats-key .* do not go together/,
  ],
])('%s stops the start', async (_, settings, reason) => {
  const nats = ['tls://127.0.0.1:1'];
  await expect(startGateway(1, { rcsp: undefined, edge: true, nats, ...settings })).rejects.toThrow(reason);
});
