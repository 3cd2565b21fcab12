/** What `doctor --url` finds out about a running gateway, through whatever stands in front of it. */
import { json } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { isLoopbackName } from '../access/names.js';
import { bracketed } from '../util/address.js';
import { within } from '../util/within.js';
import { ok, warning, wrong } from './finding.js';
import type { Finding } from './finding.js';
import { below, plainError, remoteOf, send } from './remote.js';
import type { Remote, RemoteOptions } from './remote.js';

const TIMEOUT_MS = 10_000;
const Me = z.looseObject({ address: z.string(), scope: z.string() });
const Problem = z.looseObject({ code: z.string(), detail: z.string() });

/** @throws ConfigError naming an option that makes no sense */
export async function examineUrl(options: RemoteOptions): Promise<readonly Finding[]> {
  const remote = remoteOf(options);
  const answer = await httpFinding(remote, options.url);
  return answer.verdict === 'wrong' ? [answer] : [answer, await socketFinding(remote)];
}

async function httpFinding(remote: Remote, url: string): Promise<Finding> {
  let status: number | undefined;
  let body: unknown;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await send(below(remote.base, 'v1/me'), remote, { method: 'GET', headers: {}, signal });
    status = response.statusCode;
    body = await json(response);
  } catch (error) {
    const reason =
      status === undefined
        ? plainError(error).message
        : `it answered ${status} without JSON: is it a gateway?`;
    return wrong('url', `${url}: ${reason}`);
  }
  const me = Me.safeParse(body).data;
  if (me !== undefined) return addressFinding(me, remote.base.hostname);
  const problem = Problem.safeParse(body).data;
  if (problem === undefined) return wrong('url', `${url} answered ${status}; it is no gateway`);
  const advice =
    status === 401
      ? 'Say a token with RCSP_GATEWAY_TOKEN.'
      : 'Does the proxy pass on Host, or X-Forwarded-Host, and does --allowed-host name it?';
  return wrong('url', `${problem.code}: ${problem.detail}`, advice);
}

function addressFinding({ address, scope }: z.output<typeof Me>, hostname: string): Finding {
  const isHere = isLoopbackName(hostname);
  if (isHere || !isLoopbackName(bracketed(address)))
    return ok('url', `it knows you as ${address}, with the scope ${scope}`);
  return warning(
    'url',
    `it takes you for ${address}, its own machine`,
    'The proxy does not send X-Forwarded-For, or --trust-proxy does not name the proxy.',
  );
}

async function socketFinding({ base, ca, headers }: Remote): Promise<Finding> {
  const url = below(base, 'v1/ws');
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url, {
    headers,
    handshakeTimeout: TIMEOUT_MS,
    ...(ca !== undefined && { ca }),
  });
  const pong = new Promise<void>((resolve, reject) => {
    socket.on('open', () => socket.send('{"op":"ping","id":1}'));
    socket.on('message', () => resolve());
    socket.on('error', reject);
  });
  try {
    await within(pong, TIMEOUT_MS, () => new Error('it opened, and nothing came through'));
    return ok('websocket', 'messages come through');
  } catch (error) {
    return wrong(
      'websocket',
      `none comes through: ${plainError(error).message}`,
      'The proxy must pass on the headers Upgrade and Connection. Server-sent events and commands work without.',
    );
  } finally {
    socket.terminate();
  }
}
