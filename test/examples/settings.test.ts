// @module-tag extended
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { variableOf } from '../../src/config/setting-names.js';
import { SETTING_NAMES } from '../../src/config/settings.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { makeCertificate, temporaryFolder } from '../support/access.js';
import { until } from '../support/gateway.js';
import { freePort } from '../support/scripted-server.js';
import { Stage } from '../docs/stage.js';

const EXAMPLES = join(PACKAGE_ROOT, 'examples');
const NAME = 'gateway.studio.example';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.set(['--trust-proxy', '--allowed-host', NAME]);
});
afterAll(() => stage.strike());

function read(path: string): string {
  return readFileSync(join(EXAMPLES, path), 'utf8');
}

const has = (tool: string): boolean => spawnSync(tool, ['--help']).error === undefined;
/** In CI every tool must be there. */
const isMissing = (tool: string): boolean => !has(tool) && process.env['CI'] === undefined;

/** The status of a request that an example describes. */
async function ask(method: string, path: string, body?: string): Promise<number> {
  const response = await fetch(`${stage.url}${path}`, {
    method,
    ...(body !== undefined && body !== '' && { body, headers: { 'content-type': 'application/json' } }),
    signal: AbortSignal.timeout(40_000),
  });
  await response.text();
  return response.status;
}

describe('node-red/flow.json', () => {
  const Node = z.looseObject({
    id: z.string(),
    type: z.string(),
    method: z.string().optional(),
    url: z.string().optional(),
    path: z.string().optional(),
    client: z.string().optional(),
    wires: z.array(z.array(z.string())).optional(),
  });
  const nodes = z.array(Node).parse(JSON.parse(read('node-red/flow.json')));

  test('its wires lead to its own nodes, and it uses nodes that Node-RED brings', () => {
    const ids = new Set(nodes.map(({ id }) => id));
    const named = nodes.flatMap(({ wires = [], client }) => [
      ...wires.flat(),
      ...(client === undefined ? [] : [client]),
    ]);
    expect(named.filter((id) => !ids.has(id))).toEqual([]);
    const core = [
      'tab',
      'inject',
      'http request',
      'debug',
      'switch',
      'json',
      'websocket in',
      'websocket-client',
    ];
    expect(nodes.filter(({ type }) => !core.includes(type))).toEqual([]);
  });

  test('its requests are answered', async () => {
    const requests = nodes.filter(({ type }) => type === 'http request');
    const statuses = await Promise.all(
      requests.map(({ method = '', url = '' }) =>
        ask(
          method,
          url.replace('${RCSP_GATEWAY_URL}', ''),
          method === 'PUT' ? '{"Red":255,"Green":96,"Blue":0}' : undefined,
        ),
      ),
    );
    expect(statuses).toEqual([200, 204]);
  });

  test('its WebSocket opens', async () => {
    const { path = '' } = nodes.find(({ type }) => type === 'websocket-client') ?? {};
    const socket = new WebSocket(path.replace('${RCSP_GATEWAY_WS}', stage.url.replace('http', 'ws')));
    onTestFinished(() => socket.terminate());
    const [message] = (await once(socket, 'message')) as [Buffer];
    expect(message.toString()).toContain('"op":"subscribed"');
  });
});

test("companion/'s requests are answered", async () => {
  const rows = Array.from(
    read('companion/README.md').matchAll(/^\|[^|]+\| (GET|PUT|POST) \| `([^`]+)` \| (?:`([^`]*)`)?/gm),
  );
  expect(rows).toHaveLength(6);
  const failures: string[] = [];
  for (const [, method = '', path = '', cell = ''] of rows) {
    const status = await ask(method, path, method === 'GET' ? undefined : cell);
    // Without --control-lease there is no lease to take.
    if (status >= 300 && path !== '/v1/lease') failures.push(`${method} ${path}: ${status}`);
  }
  expect(failures).toEqual([]);
});

test("home-assistant/'s requests are answered", async () => {
  const text = read('home-assistant/configuration.yaml').replaceAll('!secret ', '');
  const Resource = z.looseObject({ resource: z.string() });
  const Action = z.looseObject({ url: z.string(), method: z.string(), payload: z.string() });
  const Configuration = z.object({ rest: z.array(Resource), rest_command: z.record(z.string(), Action) });
  const { rest, rest_command: actions } = Configuration.parse(parse(text));
  const values: Readonly<Record<string, string>> = { device: '2', red: '255', green: '96', blue: '0' };
  const filled = (template: string): string =>
    template
      .replace(/\{\{ (\w+) \}\}/g, (_, name: string) => values[name] ?? '')
      .replace('http://studio-gateway:8080', '');
  for (const { resource } of rest) expect(await ask('GET', filled(resource))).toBe(200);
  for (const { url, method, payload } of Object.values(actions)) {
    expect(await ask(method.toUpperCase(), filled(url), filled(payload))).toBeLessThan(300);
  }
});

test.each(['csharp/Program.cs', 'unity/RcspStudio.cs'])(
  '%s names routes that the document has',
  async (path) => {
    const { paths } = z
      .object({ paths: z.record(z.string(), z.unknown()) })
      .parse(await (await fetch(`${stage.url}/openapi.json`)).json());
    const routes = new Set(Object.keys(paths).map((each) => each.replace(/\/\{\w+\}.*$/, '')));
    const named = Array.from(read(path).matchAll(/\/v1\/[a-z]+/g), ([route]) => route);
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((route) => !routes.has(route) && route !== '/v1/ws')).toEqual([]);
  },
);

test.skipIf(isMissing('systemd-analyze'))('systemd-analyze finds nothing wrong with the service', () => {
  const file = join(temporaryFolder(), 'rcsp-gateway.service');
  const text = read('systemd/rcsp-gateway.service').replace('/usr/local/bin/rcsp-gateway', process.execPath);
  writeFileSync(file, text);
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
  // Units of the machine itself are none of this one's business.
  const own = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('rcsp-gateway'));
  expect([own, status]).toEqual([[], 0]);
});

/** A request through a proxy that ends TLS, by the gateway's public name. */
function through(port: number, path: string): Promise<string> {
  const { stdout } = spawnSync(
    'curl',
    ['-sk', '--max-time', '10', '--resolve', `${NAME}:${port}:127.0.0.1`, `https://${NAME}:${port}${path}`],
    { encoding: 'utf8' },
  );
  return Promise.resolve(stdout);
}

/** The port on which the proxy answers, once it does. */
async function startProxy(
  command: string,
  args: readonly string[],
  port: number,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const child = spawn(command, [...args], { stdio: 'ignore', env: { ...process.env, ...env } });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  await until(async () => (await through(port, '/live')).includes('"status"'));
}

const Me = z.looseObject({ address: z.string() });

async function expectProxied(port: number): Promise<void> {
  expect(Me.parse(JSON.parse(await through(port, '/v1/me'))).address).toBe('127.0.0.1');
  const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/ws`, {
    rejectUnauthorized: false,
    // Not among the types of `ws`, which passes it on to TLS.
    ...{ servername: NAME },
    headers: { host: `${NAME}:${port}` },
    origin: `https://${NAME}:${port}`,
  });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  socket.send('{"op":"ping","id":1}');
  const [message] = (await once(socket, 'message')) as [Buffer];
  expect(message.toString()).toBe('{"op":"pong","id":1}');
}

test.skipIf(isMissing('caddy'))('commands and WebSockets come through caddy/Caddyfile', async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  const file = join(folder, 'Caddyfile');
  const site = read('caddy/Caddyfile')
    .replace(`${NAME} {`, `https://${NAME}:${port} {\n\ttls internal`)
    .replace('127.0.0.1:8080', new URL(stage.url).host);
  writeFileSync(file, `{\n\tadmin off\n\tskip_install_trust\n\thttp_port ${await freePort()}\n}\n${site}`);
  await startProxy('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], port, {
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
  });
  await expectProxied(port);
});

test.skipIf(isMissing('haproxy'))('commands and WebSockets come through haproxy/haproxy.cfg', async () => {
  const folder = temporaryFolder();
  const port = await freePort();
  const { cert, key } = makeCertificate(folder, NAME);
  const pem = join(folder, 'gateway.pem');
  writeFileSync(pem, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'));
  const file = join(folder, 'haproxy.cfg');
  const text = read('haproxy/haproxy.cfg')
    .replace('bind :443', `bind 127.0.0.1:${port}`)
    .replace('/etc/haproxy/gateway.pem', pem)
    .replace('127.0.0.1:8080', new URL(stage.url).host);
  writeFileSync(file, text);
  expect(spawnSync('haproxy', ['-c', '-f', file], { encoding: 'utf8' }).status).toBe(0);
  await startProxy('haproxy', ['-db', '-f', file], port);
  await expectProxied(port);
});

test('compose.yaml, traefik/ and kubernetes/ are YAML that names settings and files that exist', () => {
  const variables = new Set(SETTING_NAMES.map((name) => variableOf(name)));
  for (const path of ['compose.yaml', 'traefik/dynamic.yaml', 'kubernetes/gateway.yaml']) {
    const documents = parseAllDocuments(read(path));
    expect(documents.length).toBeGreaterThan(0);
    for (const document of documents) expect(document.errors).toEqual([]);
    const named = Array.from(read(path).matchAll(/RCSP_GATEWAY_[A-Z_]+/g), ([name]) => name);
    expect(named.filter((name) => !variables.has(name))).toEqual([]);
  }
  const Compose = z.looseObject({
    services: z.record(z.string(), z.looseObject({ secrets: z.array(z.string()).optional() })),
    secrets: z.record(z.string(), z.object({ file: z.string() })),
  });
  const { services, secrets } = Compose.parse(parse(read('compose.yaml')));
  for (const { secrets: used = [] } of Object.values(services)) {
    expect(used.filter((name) => !(name in secrets))).toEqual([]);
  }
  expect(existsSync(join(EXAMPLES, '..', 'Dockerfile'))).toBe(true);
});

describe('metrics', () => {
  /** The series of a scrape of a gateway that has done something of everything. */
  async function scrape(): Promise<{ names: ReadonlySet<string>; text: string }> {
    await ask('GET', '/v1/devices');
    const text = await (await fetch(`${stage.url}/metrics`)).text();
    const types = Array.from(text.matchAll(/^# TYPE (\w+) (\w+)$/gm));
    const names = types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    );
    return { names: new Set(names), text };
  }

  function metricsOf(expressions: readonly string[]): string[] {
    const found = expressions.flatMap((text) => text.match(/\b(?:rcsp_gateway|process|nodejs)_\w+/g) ?? []);
    return [...new Set(found)];
  }

  test('grafana/dashboard.json asks for metrics that the gateway has', async () => {
    const Panel = z.looseObject({
      title: z.string(),
      targets: z.array(z.looseObject({ expr: z.string() })).min(1),
    });
    const { panels } = z
      .looseObject({ panels: z.array(Panel) })
      .parse(JSON.parse(read('grafana/dashboard.json')));
    const asked = metricsOf(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)));
    const { names } = await scrape();
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
    expect(asked.length).toBeGreaterThan(12);
  });

  test('prometheus/rules.yml asks for metrics that the gateway has', async () => {
    const asked = metricsOf([read('prometheus/rules.yml')]);
    const { names } = await scrape();
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
    expect(asked.length).toBeGreaterThan(6);
  });

  test.skipIf(isMissing('promtool'))(
    'promtool takes the rules, their tests, the configuration and a scrape',
    async () => {
      const cwd = join(EXAMPLES, 'prometheus');
      const promtool = (...args: string[]): string =>
        execFileSync('promtool', args, { cwd, encoding: 'utf8' });
      expect(promtool('check', 'rules', 'rules.yml')).toContain('SUCCESS: 9 rules found');
      expect(promtool('test', 'rules', 'rules.test.yml')).toContain('SUCCESS');
      expect(promtool('check', 'config', '--syntax-only', 'prometheus.yml')).toContain('SUCCESS');
      const { text } = await scrape();
      expect(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })).toBe('');
    },
  );

  test.skipIf(isMissing('promtool'))('Prometheus can parse every expression of the dashboard', () => {
    const Panel = z.looseObject({ targets: z.array(z.looseObject({ expr: z.string() })) });
    const { panels } = z
      .looseObject({ panels: z.array(Panel) })
      .parse(JSON.parse(read('grafana/dashboard.json')));
    const rules = panels
      .flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')))
      .map((expr, index) => ({ record: `dashboard_${index}`, expr }));
    const file = join(temporaryFolder(), 'rules.yml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    expect(execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })).toContain('SUCCESS');
  });
});
