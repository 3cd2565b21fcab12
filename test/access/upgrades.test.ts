// @module-tag extended
import net from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { addToken, newTokenFile, temporaryFolder } from '../support/access.js';
import { Cli } from '../support/cli.js';

/** A client that asks for a WebSocket and never hangs up by itself; what it was answered. */
async function ask(
  port: number,
  path: string,
  host = '127.0.0.1',
): Promise<{ head: string; closed: Promise<unknown> }> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  const closed = Promise.race([once(socket, 'end'), once(socket, 'close')]);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return { head: chunk.toString('latin1'), closed };
}

test.each([
  ['/v1/ws', '127.0.0.1', 401],
  ['/v1/ws/Logs/Info', '127.0.0.1', 401],
  ['/v1/ws?ticket=x', '127.0.0.1', 401],
  ['/v1/info', '127.0.0.1', 401],
  ['/v1/ws', 'evil.example', 403],
  ['/nothing', 'evil.example', 403],
  ['/nothing', '127.0.0.1', 404],
])(
  'an upgrade to %s at %s is refused with %i and ends: a client that does not hang up keeps nothing open',
  async (path, host, status) => {
    const file = newTokenFile();
    addToken(file, 'a');
    const args = ['serve', '--simulate', '--listen', '127.0.0.1:0', '--tokens', file, '--log-level', 'error'];
    const cli = new Cli(args, { XDG_CONFIG_HOME: temporaryFolder() });
    const port = Number(await cli.printed(/^listening on http:\/\/127\.0\.0\.1:(\d+)$/m));
    const { head, closed } = await ask(port, path, host);
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head.toLowerCase()).toContain('connection: close');
    await closed;
    cli.signal('SIGTERM');
    expect((await cli.end()).code).toBe(0);
  },
);
