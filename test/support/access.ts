import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { createToken } from '../../src/access/token-file.js';
import type { Scope } from '../../src/catalog/define.js';
import { ConfigError, loadConfig as load } from '../../src/config/config.js';
import type { Config, Values } from '../../src/config/config.js';
import type { Gateway, Reply } from './gateway.js';

export type Headers = Readonly<Record<string, string>>;

/** Milliseconds after which an answer is given up on. */
const TIMEOUT_MS = 30_000;

/** Ends with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rcsp-access-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A configuration file. */
export function fileWith(text: string): string {
  const path = join(temporaryFolder(), 'config.json');
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** Tests never read the token file of the user who runs them. */
export function loadConfig(flags: Values, env: NodeJS.ProcessEnv): Config {
  return load(flags, { XDG_CONFIG_HOME: '/nowhere/at-all', ...env });
}

/** Why the configuration is refused. */
export function refusal(flags: Values, env: NodeJS.ProcessEnv = {}): string {
  try {
    loadConfig(flags, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was taken');
}

/** A path for a file of tokens that is not there yet. */
export function newTokenFile(): string {
  return join(temporaryFolder(), 'tokens.json');
}

export function addToken(file: string, name: string, scope: Scope = 'read', expiresAt?: Date): string {
  return createToken(file, { name, scope, expiresAt: expiresAt ?? null });
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** A token that nobody has made. */
export const WRONG = bearer('rcspgw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');

/** One request, its headers just as they are given; without a `Host` unless it is given. `ca` for HTTPS. */
export async function bare(
  url: string,
  method: string,
  path: string,
  headers: Headers = {},
  ca?: string,
): Promise<Reply> {
  const client = ca === undefined ? http : https;
  const { hostname, port } = new URL(url);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const options = { hostname, port, path, method, headers, setHost: false, agent: false as const, signal };
  const request = client.request({ ...options, ...(ca !== undefined && { ca }) }).end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return replyOf(response);
}

async function replyOf(response: http.IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const pairs = Object.entries(response.headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map((value): [string, string] => [name, value]),
  );
  const headers = new Headers(pairs);
  const isJson = headers.get('content-type')?.includes('json') === true && text !== '';
  const json: unknown = isJson ? JSON.parse(text) : undefined;
  return { status: response.statusCode ?? 0, headers, text, json };
}

/** What a request to open a WebSocket is answered with: 101, or a refusal. Headers as they are given. */
export async function upgrade(url: string, path: string, headers: Headers = {}): Promise<Reply> {
  const { hostname, port } = new URL(url);
  const request = http.get({
    hostname,
    port,
    path,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
      ...headers,
    },
    setHost: false,
    agent: false,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  request.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('response', (response) => resolve(replyOf(response)));
    request.once('upgrade', (_, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: new Headers(), text: '', json: undefined });
    });
  });
}

/** The status that a WebSocket client meets: 101 when it is let in. It shows its token in a header, if any. */
export async function socketStatus(gateway: Gateway, path: string, headers: Headers = {}): Promise<number> {
  return (await upgrade(gateway.url, path, { host: new URL(gateway.url).host, ...headers })).status;
}

/** A WebSocket that is open, and the code with which it will have been closed. */
export async function openSocket(
  gateway: Gateway,
  path: string,
  headers: Headers = {},
): Promise<{ readonly socket: WebSocket; readonly closed: Promise<number> }> {
  const socket = new WebSocket(gateway.url.replace('http', 'ws') + path, { headers });
  onTestFinished(() => socket.terminate());
  socket.on('error', () => undefined);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await once(socket, 'open');
  return { socket, closed };
}

/** How long something took, in milliseconds. */
export async function timed(step: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await step;
  return performance.now() - started;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Paths of a fresh self-signed certificate for 127.0.0.1 and its key, PEM, by the openssl of this machine. */
export function makeCertificate(folder: string, name: string): Certificate {
  const [cert, key] = [join(folder, `${name}.cert.pem`), join(folder, `${name}.key.pem`)];
  const alternatives = 'subjectAltName=IP:127.0.0.1,DNS:localhost';
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
      .concat(['-subj', `/CN=${name}`, '-addext', alternatives])
      .concat(['-keyout', key, '-out', cert]),
    { stdio: 'ignore' },
  );
  return { cert, key };
}
