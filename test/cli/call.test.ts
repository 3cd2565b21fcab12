import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { argumentsJson } from '../../src/cli/arguments-json.js';
import { call } from '../../src/cli/call.js';
import { Cli, run } from '../support/cli.js';
import { startBoth, startGateway, startScripted } from '../support/gateway.js';
import { frame, freePort } from '../support/scripted-server.js';

const parseArguments = (name: string, pairs: readonly string[]): unknown =>
  JSON.parse(argumentsJson(name, pairs));

const ONE_LINE = /^rcsp-gateway: [^\n]+\n$/;

async function listening(server: net.Server): Promise<string> {
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

test('an answer is printed as JSON, with exit code 0', async () => {
  const { gateway } = await startBoth();
  const { code, stdout, stderr } = await run(['call', 'GetDeviceName', 'DeviceId=1', '--url', gateway.url]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout.endsWith('\n')).toBe(true);
  expect(JSON.parse(stdout)).toEqual({ DeviceName: expect.any(String) as string });
});

test('a command without an answer prints nothing', async () => {
  const { gateway } = await startBoth();
  const args = ['call', 'SetDeviceName', 'DeviceId=1', 'DeviceName=123', '--url', gateway.url];
  expect(await run(args)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect((await gateway.get('/v1/devices/1/name')).json).toEqual({ DeviceName: '123' });
});

test('the address of the gateway may come from the environment', async () => {
  const { gateway } = await startBoth();
  const { code } = await run(['call', 'Info'], { RCSP_GATEWAY_URL: `${gateway.url}/` });
  expect(code).toBe(0);
});

test('arguments may come from standard input', async () => {
  const { gateway } = await startBoth();
  const cli = new Cli(['call', 'SaveUserData', 'Tag=4', 'UserData=@-', '--url', gateway.url]);
  cli.input('{"Scene":"12B"}');
  expect((await cli.end()).code).toBe(0);
  expect((await gateway.get('/v1/recording/tags/4')).json).toEqual({ Tag: 4, UserData: { Scene: '12B' } });
});

test.each([
  [['call'], 'command'],
  [['call', 'Info', 'DeviceId'], 'DeviceId'],
  [['call', 'Info', '=5'], '=5'],
  [['call', 'Info', '--wait', 'long'], '--wait'],
  [['call', 'Info', 'A=@/nowhere/at-all.json'], '/nowhere/at-all.json'],
  [['call', 'Info', '--url', 'not a url'], 'not a url'],
  [['watch', 'Logs/Info', '--since', 'yesterday'], 'yesterday'],
])('an invalid command line (%j) ends with 2', async (args, name) => {
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(name);
  expect(stderr).not.toContain('    at ');
});

// In this process from here on: a process takes its time.

async function called(url: string, name: string, pairs: string[] = [], wait?: number) {
  return call(name, pairs, { url, wait });
}

test.each([
  ['GetDeviceName', ['DeviceId=99'], 'Device not found'],
  ['GetDeviceName', [], 'Invalid request'],
  ['DoTheTwist', [], 'Unknown command'],
  ['ScanNetwork', ['DeviceId=4', 'Band=0', 'ChannelNo=1'], 'Unsupported command'],
])('a refusal of %s %j ends with 1 and one line', async (name, pairs, code) => {
  const { gateway } = await startBoth();
  const { exitCode, stdout, stderr } = await called(gateway.url, name, pairs);
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(ONE_LINE);
  expect(stderr).toContain(code);
});

test('a missing gateway ends with 3, not sent', async () => {
  const { exitCode, stderr } = await called(`http://127.0.0.1:${await freePort()}`, 'Info');
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(ONE_LINE);
});

test('a missing studio ends with 3, not sent', async () => {
  const gateway = await startGateway(await freePort());
  const { exitCode, stderr } = await called(gateway.url, 'Info');
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(ONE_LINE);
  expect(stderr).toContain('Studio unreachable');
});

test('a timeout ends with 4', async () => {
  const { gateway, simulator } = await startBoth();
  simulator.faults.add({ kind: 'hang', command: 'SetDeviceName' });
  const { exitCode, stderr } = await called(gateway.url, 'SetDeviceName', ['DeviceId=1', 'DeviceName=A'], 1);
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(ONE_LINE);
  expect(stderr).toContain('Timeout');
});

test('a connection lost behind the gateway ends with 4', async () => {
  const { gateway, simulator } = await startBoth();
  simulator.faults.add({ kind: 'drop', command: 'SetDeviceName' });
  const { exitCode } = await called(gateway.url, 'SetDeviceName', ['DeviceId=1', 'DeviceName=A']);
  expect(exitCode).toBe(4);
});

test('a gateway that dies during the command ends with 4, since it may have run', async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.destroy());
  });
  const { exitCode, stderr } = await called(await listening(server), 'SetDeviceName');
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(ONE_LINE);
});

test('a gateway that dies in the middle of its answer ends with 4', async () => {
  const server = http.createServer((_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"Device', () => response.destroy());
  });
  const { exitCode, stdout } = await called(await listening(server), 'Info');
  expect([exitCode, stdout]).toEqual([4, '']);
});

test('an answer from another kind of server is reported as such', async () => {
  const server = http.createServer((_, response) => response.writeHead(500).end('<h1>oops</h1>'));
  const { exitCode, stderr } = await called(await listening(server), 'Info');
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(ONE_LINE);
  expect(stderr).toContain('is this a gateway?');
});

test('the version reaches the studio', async () => {
  const { gateway } = await startBoth();
  const options = { url: gateway.url, version: 1 };
  const { stdout } = await call('GetEmfChannel', ['DeviceId=4'], options);
  expect(JSON.parse(stdout)).toEqual({ Channel: 3 });
});

test('a base path in front of the gateway is kept', async () => {
  let path: string | undefined;
  const server = http.createServer((request, response) => {
    path = request.url;
    response.writeHead(204).end();
  });
  await called(`${await listening(server)}/studio`, 'Info');
  expect(path).toBe('/studio/v1/commands/Info');
});

test('values are text where the command wants text, JSON where it is JSON, else text', async () => {
  expect(
    parseArguments('SetDeviceName', ['DeviceId=1', 'DeviceName=123', 'Extra={"a":[1,null]}', 'More=plain']),
  ).toEqual({ DeviceId: 1, DeviceName: '123', Extra: { a: [1, null] }, More: 'plain' });
  expect(parseArguments('SetDeviceName', ['DeviceName=a=b=c'])).toEqual({ DeviceName: 'a=b=c' });
  expect(parseArguments('SetDeviceName', ['DeviceName='])).toEqual({ DeviceName: '' });
  expect(parseArguments('SetDeviceName', ['DeviceName=@home'])).toEqual({ DeviceName: '@home' });
  expect(parseArguments('SetLedBehavior', ['LedId=1', 'BehaviorType=On'])).toEqual({
    LedId: '1',
    BehaviorType: 'On',
  });
  expect(parseArguments('NobodyKnows', ['A=true', 'B=1e3', 'C="5"', 'D=-'])).toEqual({
    A: true,
    B: 1000,
    C: '5',
    D: '-',
  });
  const folder = await mkdtemp(join(tmpdir(), 'rcsp-gateway-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'data.json'), '{"Straße": 12}');
  expect(parseArguments('SaveUserData', ['Tag=1', `UserData=@${folder}/data.json`])).toEqual({
    Tag: 1,
    UserData: { Straße: 12 },
  });
});

test('nested arguments arrive at the studio', async () => {
  const { gateway, server } = await startScripted(() => ({}));
  const pairs = ['DeviceId=4', 'Offset={"X":1.5,"Y":-2,"Z":0}'];
  expect((await called(gateway.url, 'SetMagnetometerCalOffset', pairs)).exitCode).toBe(0);
  expect(server.named('SetMagnetometerCalOffset')[0]?.args).toEqual({
    DeviceId: 4,
    Offset: { X: 1.5, Y: -2, Z: 0 },
  });
});

test('numbers are sent as they are written, and printed as the studio wrote them', async () => {
  const { gateway, server } = await startScripted(() => ({
    Ghost: ({ trackId, connection }) =>
      connection.raw(
        frame(
          2,
          `{"Status":"Ok","TrackId":"${trackId}","Version":1,"Response":{"N":1.0,"M":18446744073709551615}}`,
        ),
      ),
  }));
  const pairs = ['A=1.0', 'B=9007199254740993', 'C=1e2', 'D={"E": [-0.0]}', 'F=2', 'F=1e400', 'G="1.0"'];
  expect(await called(gateway.url, 'Ghost', pairs)).toEqual({
    exitCode: 0,
    stdout: '{"N":1.0,"M":18446744073709551615}\n',
    stderr: '',
  });
  expect(server.named('Ghost')[0]?.text).toContain(
    '"Arguments":{"A":1.0,"B":9007199254740993,"C":1e2,"D":{"E": [-0.0]},"F":1e400,"G":"1.0"}}',
  );
});
