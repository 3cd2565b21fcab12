import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseLightFault } from '../../../src/simulator/lights/light-faults.js';
import type { LightSimulator } from '../../../src/simulator/lights/light-simulator.js';
import { until } from '../../support/gateway.js';
import { sendBytes, startLight } from '../../support/lights.js';

/** The vendor's listener (Python), as its page has it. */
const VENDOR = join(import.meta.dirname, 'vendor-listener.py');
/** Runs it unchanged, on a free port: its own may be taken here. */
const ON_FREE_PORT = `
import socket, sys
bind = socket.socket.bind
def bind_free(self, address):
    bind(self, ("127.0.0.1", 0))
    print("PORT", self.getsockname()[1])
socket.socket.bind = bind_free
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"))
`;

/** The vendor's example of a command. */
const EXAMPLE =
  'echo "LED_FAN,1\\nDIGITAL_POLARIZER,0\\nALL_4_NIKON,10\\nDIGITAL_POLARIZER,1\\nALL_4_NIKON,1" > /home/rigsters/la4_sequence_standalone.csv && boardiocli uSeqStandalone && boardiocli runSeq';

function request(port: number, rest: object = {}): string {
  const base = { id: '7756f193', name: 'test', ip: '127.0.0.1', port, version: '0.14.0', coordinator: true };
  return JSON.stringify({ ...base, ...rest });
}

/** A listener of the test's own; events as text. */
async function listen(): Promise<{ port: number; events: string[] }> {
  const events: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    void text(socket).then((event) => events.push(event));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, events };
}

function ask(light: LightSimulator, bytes: string): Promise<void> {
  return sendBytes(light.address.port, bytes);
}

function said(events: readonly string[]): unknown[] {
  return events.map((event) => {
    const { type_, output, message } = JSON.parse(event) as Record<string, unknown>;
    return output ?? message ?? type_;
  });
}

test("the vendor's own listener, unchanged, prints what a simulated light array tells", async () => {
  if (spawnSync('python3', ['--version']).status !== 0) return;
  const python = spawn('python3', ['-u', '-c', ON_FREE_PORT, VENDOR], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    python.kill();
    await once(python, 'close');
  });
  let printed = '';
  python.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await until(() => printed.includes('Listening on port 5000...'));
  const port = Number(/PORT (\d+)/.exec(printed)?.[1]);
  const light = await startLight();
  await ask(light, request(port, { type_: 'cmd', command: EXAMPLE }));
  await until(() => printed.includes('Sequence complete'));
  expect(printed.slice(printed.indexOf('['))).toBe(
    '[rigsters-controller-1] output: BOARDIO_CLI: Sent: "uSeqStandalone" to FIFO file\n' +
      'BOARDIO_CLI: Sent: "runSeq" to FIFO file\n\n' +
      '[rigsters-controller-1] message: BOARDIO_READY\n' +
      '[rigsters-controller-1] message: BOARDIO_READY\n' +
      '[rigsters-controller-1] message: Sequence complete\n',
  );
});

describe('a simulated light array', () => {
  test('closes the connection of a request, and tells its unit once to a coordinator', async () => {
    const { port, events } = await listen();
    const light = await startLight();
    for (let n = 0; n < 3; n += 1) await ask(light, request(port));
    await until(() => events.length === 1);
    expect(JSON.parse(events[0]!)).toEqual({
      id: '81639cd4',
      name: 'rigsters-controller-1',
      ip: '127.0.0.1',
      port: light.address.port,
      version: '0.14.0',
      coordinator: false,
      type_: 'unit_info',
      wiringpi_version: '2.61',
      boardio_version: '1.3.0',
      firmware_version: '2.0.4',
      unit_type: 'light_array',
      mcu_type: 'RP2040',
      mac_address: 'dc:a6:32:1b:4e:f0',
    });
    expect(light.heartbeats).toBe(3);
  });

  test('takes a request whose sender keeps the connection open', async () => {
    const { port, events } = await listen();
    const light = await startLight();
    const socket = connect(light.address);
    onTestFinished(() => void socket.destroy());
    socket.write(request(port, { coordinator: false, type_: 'cmd', command: 'echo hello' }));
    socket.resume();
    await once(socket, 'end');
    await until(() => events.length === 1);
    expect(said(events)).toEqual(['hello\n']);
  });

  test('sends what a failed command wrote to its standard error', async () => {
    const { port, events } = await listen();
    const light = await startLight();
    await ask(
      light,
      request(port, { coordinator: false, type_: 'cmd', command: 'echo a && boardio_cli nonsense' }),
    );
    await until(() => events.length === 1);
    expect(said(events)).toEqual(['BOARDIO_CLI: unknown command "nonsense"\n']);
  });

  test.each([
    ["printf '%s\\n' 'MODEL_LIGHT,101' > ~/la4_sequence.csv", 'the row MODEL_LIGHT,101 is not valid'],
    ["printf '%s\\n' 'NOTHING,1' > ~/la4_sequence.csv", 'the row NOTHING,1 is not valid'],
    ['true', 'the sequence is empty or missing'],
  ])('answers BOARDIO_ERROR after %s', async (before, reason) => {
    const { port, events } = await listen();
    const light = await startLight();
    const command = `${before} && boardiocli uSeq`;
    await ask(light, request(port, { coordinator: false, type_: 'cmd', command }));
    await until(() => events.length === 2);
    expect(said(events)[1]).toBe(`BOARDIO_ERROR: ${reason}`);
  });

  test('survives what is no request', async () => {
    const light = await startLight();
    for (const bytes of ['', '{', 'GET / HTTP/1.1\r\n\r\n', '{}', '[1]', `{"a":"${'x'.repeat(70_000)}"}`])
      await ask(light, bytes);
    const { port, events } = await listen();
    await ask(light, request(port));
    await until(() => events.length === 1);
  });
});

describe('a fault', () => {
  test.each([
    ['silent', { kind: 'silent' }],
    ['error=runSeq*2', { kind: 'error', command: 'runSeq', count: 2 }],
    ['late:500=uSeq', { kind: 'late', delayMs: 500, command: 'uSeq' }],
  ])('%s is read', (said_, fault) => {
    expect(parseLightFault(said_)).toEqual(fault);
  });

  test.each(['', 'nothing', 'late', 'silent:5', 'error=reboot', 'silent*0'])('%j is refused', (said_) => {
    expect(() => parseLightFault(said_)).toThrow('is not of the form');
  });
});
