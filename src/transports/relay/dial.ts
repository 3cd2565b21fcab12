/** The gateway's way to a relay: a socket, perhaps through a proxy, perhaps with TLS, upgraded to carry a line. */
import { once } from 'node:events';
import http from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import net, { isIP } from 'node:net';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { bracketed } from '../../util/address.js';
import { JOIN_PATH, LINE_PROTOCOL, NAME_HEADER } from './line-protocol.js';

export interface DialOptions {
  readonly relay: URL;
  readonly name: string;
  readonly token: string;
  /** A proxy for CONNECT; undefined to connect directly. */
  readonly proxy: URL | undefined;
  readonly signal: AbortSignal;
}

/** The relay, or the proxy before it, does not let the gateway in. */
export class JoinRefusedError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * A socket on which the relay speaks HTTP/2 from now on.
 *
 * @throws JoinRefusedError, or whatever the network throws
 */
export async function dial(options: DialOptions): Promise<Socket> {
  const { relay, signal } = options;
  let socket = await openSocket(options);
  const destroy = (): void => void socket.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    signal.throwIfAborted();
    if (relay.protocol === 'https:') socket = await startTls(socket, relay.hostname);
    return await join(socket, options);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}

async function openSocket({ relay, proxy, signal }: DialOptions): Promise<Socket> {
  if (proxy === undefined) return connect(hostOf(relay), portOf(relay), signal);
  const socket = await connect(hostOf(proxy), portOf(proxy), signal);
  try {
    const secured = proxy.protocol === 'https:' ? await startTls(socket, proxy.hostname) : socket;
    await tunnel(secured, relay, proxy, signal);
    return secured;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function connect(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = net.connect({ host, port, noDelay: true, keepAlive: true });
  try {
    await once(socket, 'connect', { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

async function startTls(socket: Socket, hostname: string): Promise<Socket> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const secured = tls.connect({
    socket,
    host,
    // The handshake offers HTTP/1.1: the line begins as a request of it.
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 && { servername: host }),
  });
  await once(secured, 'secureConnect');
  return secured;
}

async function tunnel(socket: Socket, relay: URL, proxy: URL, signal: AbortSignal): Promise<void> {
  const target = `${bracketed(hostOf(relay))}:${portOf(relay)}`;
  const request = http.request({
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...proxyAuthorization(proxy) },
    createConnection: () => socket,
    signal,
  });
  const sent = sentWhole(request);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('error', reject);
    request.once('connect', (answer) => resolve(answer));
    request.once('response', resolve);
  });
  await sent;
  if (response.statusCode !== 200)
    throw new JoinRefusedError(
      response.statusCode ?? 0,
      `the proxy ${proxy.host} answered ${response.statusCode ?? 0} to CONNECT ${target}`,
    );
}

function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

async function join(socket: Socket, { relay, name, token, signal }: DialOptions): Promise<Socket> {
  const request = http.request({
    path: `${relay.pathname.replace(/\/$/, '')}${JOIN_PATH}`,
    headers: {
      host: relay.host,
      connection: 'Upgrade',
      upgrade: LINE_PROTOCOL,
      authorization: `Bearer ${token}`,
      [NAME_HEADER]: name,
    },
    createConnection: () => socket,
    signal,
  });
  const sent = sentWhole(request);
  const upgraded = await new Promise<Socket>((resolve, reject) => {
    request.once('error', reject);
    request.once('upgrade', (_response, freed: Socket, head) => {
      // The relay speaks first, and may have spoken already.
      if (head.length > 0) freed.unshift(head);
      resolve(freed);
    });
    request.once('response', (response) => void refusalOf(response).then(reject, reject));
  });
  await sent;
  return upgraded;
}

/** Node aborts the process when TLS or HTTP/2 takes over a socket whose last write is still on its way. */
function sentWhole(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    request.once('close', resolve);
    request.end(resolve);
  });
}

/** The part of an answer that is read. */
const MAX_ANSWER_BYTES = 16 * 1024;

async function refusalOf(response: IncomingMessage): Promise<JoinRefusedError> {
  const { statusCode: status = 0 } = response;
  let text = '';
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.length > MAX_ANSWER_BYTES) break;
  }
  response.destroy();
  const detail = detailOf(text);
  return new JoinRefusedError(status, `the relay answered ${status}${detail === '' ? '' : `: ${detail}`}`);
}

function detailOf(text: string): string {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && 'detail' in json) return String(json.detail);
  } catch {
    // Not one of ours: a proxy in between.
  }
  return '';
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
