// @module-tag extended
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ndc from 'node-datachannel';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { temporaryFolder } from '../../support/access.js';
import { startBoth, until } from '../../support/gateway.js';
import { hasNoRtcbot, PythonPeer } from '../../support/python-peer.js';

const TURNSERVER = '/usr/bin/turnserver';
const SECRET = 'north-sea';

const Ice = z.object({
  iceServers: z.array(z.object({ urls: z.string(), username: z.string(), credential: z.string() })),
});

function hasNoTurnserver(): boolean {
  if (existsSync(TURNSERVER) || process.env['CI']) return false;
  process.stderr.write(`skipped: TURN, because ${TURNSERVER} is not there (apt install coturn)\n`);
  return true;
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** coturn on loopback, as the gateway's settings name it. Ends with the test. */
async function startTurn() {
  const [folder, port] = [temporaryFolder(), await freePort()];
  const secretFile = join(folder, 'secret');
  writeFileSync(secretFile, SECRET, { mode: 0o600 });
  const flags = `-n -L 127.0.0.1 -E 127.0.0.1 -p ${port} --use-auth-secret --static-auth-secret ${SECRET} -r studio
    --allow-loopback-peers --cli-password x --no-tls --no-dtls --no-tcp --pidfile ${folder}/pid --userdb ${folder}/db`;
  const server = spawn(TURNSERVER, flags.split(/\s+/), { stdio: 'ignore' });
  onTestFinished(async () => {
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  });
  await answersStun(port);
  return { url: `turn:127.0.0.1:${port}?transport=udp`, secretFile };
}

/** Resolves once the server answers a binding request (RFC 8489). */
async function answersStun(port: number): Promise<void> {
  const socket = createSocket('udp4');
  let isAnswered = false;
  socket.on('message', () => (isAnswered = true));
  // Nobody listens yet.
  socket.on('error', () => undefined);
  const request = Buffer.from(`000100002112a442${'00'.repeat(12)}`, 'hex');
  await until(() => {
    if (!isAnswered) socket.send(request, port, '127.0.0.1');
    return isAnswered;
  });
  socket.close();
}

/** Leaves only the candidates at a TURN server. */
function relayedOnly(sdp: string): string {
  return sdp
    .split('\r\n')
    .filter((line) => !line.startsWith('a=candidate') || line.includes('typ relay'))
    .join('\r\n');
}

describe.skipIf(hasNoTurnserver())('through a TURN server', () => {
  test('both ends meet by relayed candidates alone, with the credentials that the gateway makes', async () => {
    const turn = await startTurn();
    const { gateway } = await startBoth({ rtc: true, iceServer: turn.url, turnSecretFile: turn.secretFile });
    const [server] = Ice.parse((await gateway.get('/v1/rtc/ice')).json).iceServers;
    const { hostname, port } = new URL(turn.url.replace('turn:', 'http://'));
    const connection = new ndc.PeerConnection('test', {
      iceServers: [
        {
          hostname,
          port: Number(port),
          username: server?.username ?? '',
          password: server?.credential ?? '',
          relayType: 'TurnUdp',
        },
      ],
      iceTransportPolicy: 'relay',
    });
    onTestFinished(() => connection.close());
    const gathered = new Promise<void>((resolve) =>
      connection.onGatheringStateChange((state) => state === 'complete' && resolve()),
    );
    const channel = connection.createDataChannel('default');
    const got: unknown[] = [];
    channel.onMessage((message) => got.push(message));
    await gathered;
    const sdp = connection.localDescription()?.sdp ?? '';
    expect(sdp).not.toContain('typ host');
    const reply = await gateway.post('/v1/rtc', { type: 'offer', sdp });
    const answer = z.object({ sdp: z.string() }).parse(reply.json).sdp;
    expect(answer).toContain('typ relay');
    connection.setRemoteDescription(relayedOnly(answer), 'answer');
    await until(() => channel.isOpen());
    channel.sendMessage('{"op":"ping","id":1}');
    await until(() => got.length === 1);
    expect(got).toEqual(['{"op":"pong","id":1}']);
  });

  test('with a wrong secret the answer comes in time, without a relayed candidate', async () => {
    const turn = await startTurn();
    writeFileSync(turn.secretFile, 'another one');
    const { gateway } = await startBoth({ rtc: true, iceServer: turn.url, turnSecretFile: turn.secretFile });
    const connection = new ndc.PeerConnection('test', { iceServers: [] });
    onTestFinished(() => connection.close());
    connection.createDataChannel('default');
    await until(() => connection.gatheringState() === 'complete');
    const sdp = connection.localDescription()?.sdp ?? '';
    const started = performance.now();
    const reply = await gateway.post('/v1/rtc', { type: 'offer', sdp });
    expect(reply.status).toBe(200);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(reply.text).not.toContain('typ relay');
  });

  test.skipIf(hasNoRtcbot('aiortc through TURN'))('aiortc takes the servers as they are given', async () => {
    const turn = await startTurn();
    const { gateway } = await startBoth({ rtc: true, iceServer: turn.url, turnSecretFile: turn.secretFile });
    const { iceServers } = Ice.parse((await gateway.get('/v1/rtc/ice')).json);
    const peer = new PythonPeer('aiortc', `${gateway.url}/v1/rtc`, JSON.stringify(iceServers));
    await peer.line(({ open }) => open === true);
    peer.tell({ raw: '{"op":"ping","id":1}' });
    await until(() => peer.got.length === 1);
    expect(peer.got).toEqual(['{"op":"pong","id":1}']);
  });
});
