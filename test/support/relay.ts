import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { createJoinToken } from '../../src/access/join-token-file.js';
import type { Values } from '../../src/config/load-settings.js';
import { loadRelayConfig } from '../../src/config/relay-config.js';
import { buildRelay } from '../../src/relay/relay-app.js';
import type { RelayAppOptions } from '../../src/relay/relay-app.js';
import { temporaryFolder } from './access.js';
import { startBoth, until } from './gateway.js';
import type { Gateway } from './gateway.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { TcpProxy } from './tcp-proxy.js';
import { makeTokens } from './tokens.js';
import type { Tokens } from './tokens.js';

/** A relay that listens. */
export class Relay {
  readonly app: FastifyInstance;
  readonly url: string;
  /** The file of join tokens. */
  readonly tokens: string;
  readonly lines: readonly string[];

  constructor(app: FastifyInstance, tokens: string, lines: readonly string[]) {
    this.app = app;
    const { port } = app.server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
    this.tokens = tokens;
    this.lines = lines;
  }

  /** A new token of that name. */
  tokenOf(name: string): string {
    return createJoinToken(this.tokens, name, null);
  }

  /** A file that holds a new token of that name; the relay knows it once it has read its own file anew. */
  tokenFile(name: string): string {
    return fileOf(this.tokenOf(name));
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(this.url + path, { headers, redirect: 'manual', signal: AbortSignal.timeout(30_000) });
  }
}

/** Ends with the test. */
export function fileOf(text: string): string {
  const file = join(temporaryFolder(), 'join.token');
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
}

/** Ends with the test. `tokens` is a file that is there already. */
export async function startRelay(
  settings: Values = {},
  options: RelayAppOptions = {},
  tokens: string = join(temporaryFolder(), 'relay.json'),
): Promise<Relay> {
  const lines: string[] = [];
  const config = loadRelayConfig(
    { listen: '127.0.0.1:0', relayTokens: tokens, grace: 0, ...settings },
    { XDG_CONFIG_HOME: '/nowhere' },
  );
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
  const app = await buildRelay(config, log, options);
  onTestFinished(() => app.close());
  await app.listen({ ...config.listen });
  return new Relay(app, tokens, lines);
}

export interface Joined {
  readonly relay: Relay;
  readonly gateway: Gateway;
  readonly simulator: Simulator;
  /** Between the gateway and the relay. */
  readonly proxy: TcpProxy;
  readonly tokens: Tokens<'reader' | 'operator' | 'owner'>;
  /** Of the gateway's join token. */
  readonly tokenFile: string;
  /** Where the gateway is, through the relay. */
  readonly url: string;
}

interface JoinedOptions {
  readonly relay?: Values;
  readonly relayOptions?: RelayAppOptions;
  readonly gateway?: Values;
  /** Milliseconds that each direction of the line takes. */
  readonly delayMs?: number;
  readonly simulator?: SimulatorOptions;
}

/** A relay and a gateway that has joined it as `stage`, in front of a simulator. */
export async function startJoined(options: JoinedOptions = {}): Promise<Joined> {
  const tokens = makeTokens({ reader: 'read', operator: 'control', owner: 'admin' });
  const file = join(temporaryFolder(), 'relay.json');
  const tokenFile = fileOf(createJoinToken(file, 'stage', null));
  const relay = await startRelay(options.relay, options.relayOptions, file);
  const proxy = await TcpProxy.start(relay.url, options.delayMs);
  const settings = { relay: proxy.url, relayName: 'stage', relayTokenFile: tokenFile, tokens: tokens.file };
  const { gateway, simulator } = await startBoth({ ...settings, ...options.gateway }, options.simulator);
  await hasJoined(relay, 'stage');
  return { relay, gateway, simulator, proxy, tokens, tokenFile, url: `${relay.url}/stage` };
}

export async function hasJoined(relay: Pick<Relay, 'get'>, name: string): Promise<void> {
  await until(async () => (await relay.get(`/${name}/live`)).status === 200);
}

/** What a request that asks to join is answered with; 101 when it is let in. */
export async function joinAnswer(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly code: unknown }> {
  const request = http.get(`${url}/v1/relay`, {
    headers: { connection: 'Upgrade', upgrade: 'rcsp-relay/1', ...headers },
    agent: false,
  });
  request.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('upgrade', ({ headers: answered }, socket) => {
      onTestFinished(() => void socket.destroy());
      resolve({ status: 101, headers: answered, code: undefined });
    });
    request.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      void once(response, 'end').then(() => {
        const problem = JSON.parse(text) as { code?: unknown };
        resolve({ status: response.statusCode ?? 0, headers: response.headers, code: problem.code });
      });
    });
  });
}
