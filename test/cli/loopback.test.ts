// @module-tag extended
import { once } from 'node:events';
import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { temporaryFolder } from '../support/access.js';
import { Cli, simulate } from '../support/cli.js';
import { frame } from '../support/scripted-server.js';

async function start(): Promise<{ cli: Cli; port: number }> {
  const args = ['serve', '--simulate', '--listen', 'localhost:0', '--log-level', 'error'];
  const cli = new Cli(args, { XDG_CONFIG_HOME: temporaryFolder() });
  return { cli, port: Number(await cli.printed(/^listening on http:\/\/localhost:(\d+)$/m)) };
}

test('localhost is 127.0.0.1 and ::1 on one port, which answer alike', async () => {
  const { cli, port } = await start();
  for (const host of ['127.0.0.1', '[::1]']) {
    const url = `http://${host}:${port}`;
    expect((await fetch(`${url}/live`)).status, host).toBe(200);
  }
  cli.signal('SIGTERM');
  expect((await cli.end()).code).toBe(0);
});

test('bytes that are not HTTP get a problem at ::1', async () => {
  const { port } = await start();
  const socket = net.connect(port, '::1');
  onTestFinished(() => void socket.destroy());
  socket.write('what?\r\n\r\n');
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  expect(chunk.toString()).toContain('This is not a readable HTTP request.');
});

test('a shutdown ends a WebSocket and idle connections at ::1', async () => {
  const { cli, port } = await start();
  const idle = net.connect(port, '::1');
  const socket = new WebSocket(`ws://[::1]:${port}/v1/ws`);
  onTestFinished(() => {
    idle.destroy();
    socket.terminate();
  });
  await Promise.all([once(idle, 'connect'), once(socket, 'open')]);
  const closed = once(socket, 'close') as Promise<[number]>;
  cli.signal('SIGTERM');
  expect((await closed)[0]).toBe(1001);
  expect((await cli.end()).code).toBe(0);
});

test('the simulator alone listens on 127.0.0.1 and ::1, which share a studio, and ends', async () => {
  const { cli, address } = await simulate();
  const port = Number(address.replace('127.0.0.1:', ''));
  const sockets = ['127.0.0.1', '::1'].map((host) => net.connect(port, host));
  onTestFinished(() => sockets.forEach((each) => each.destroy()));
  const payload = JSON.stringify({ Command: 'Info', TrackId: 'a', Version: 1 });
  for (const socket of sockets) {
    socket.write(frame(1, payload));
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toContain('"Status":"Ok"');
  }
  const closed = sockets.map((each) => once(each, 'close'));
  cli.signal('SIGTERM');
  await Promise.all(closed);
  expect((await cli.end()).code).toBe(0);
});
