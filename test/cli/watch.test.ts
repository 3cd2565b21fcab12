// @module-tag extended
import { expect, onTestFinished, test } from 'vitest';
import { Cli, run, serve, simulate } from '../support/cli.js';
import { startBoth, until } from '../support/gateway.js';
import { freePort } from '../support/scripted-server.js';

const slowly = { timeout: 60_000 };

/** What the gateway has sent so far, as objects. */
function messages({ stdout }: Cli): Record<string, unknown>[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('events are printed as they come, until a signal ends it with 0', slowly, async () => {
  const { gateway, simulator } = await startBoth();
  const cli = new Cli(['watch', 'Logs/*', 'devices/*/DeviceLogs/Error', '--url', gateway.url]);
  await until(() => simulator.subscriptionCount('DeviceLogs', 'Error', 4) === 1);
  simulator.emit('Logs', 'Info', { LogMsg: 'hallo' });
  simulator.emit('DeviceLogs', 'Error', { LogMsg: 'oh', TimestampNs: 1, SrcLocation: 'x' }, 4);
  await until(() => cli.stdout.split('\n').length === 3);
  expect(cli.stdout).toMatch(/^\d\d:\d\d:\d\d\.\d{3} Logs\/Info \{"LogMsg":"hallo"\}$/m);
  expect(cli.stdout).toMatch(/ devices\/4\/DeviceLogs\/Error \{"DeviceId":4,"LogMsg":"oh",/);
  cli.signal('SIGINT');
  expect((await cli.end()).code).toBe(0);
});

test('--json prints the messages themselves, and --since begins after a place', slowly, async () => {
  const { gateway, simulator } = await startBoth();
  await gateway.post('/v1/subscribe', { Publishers: [{ Publisher: 'Logs', Topics: ['Info'] }] });
  for (const LogMsg of ['one', 'two', 'three']) simulator.emit('Logs', 'Info', { LogMsg });
  const history = async (): Promise<{ cursor: string }[]> =>
    ((await gateway.get('/v1/history?channel=Logs/Info')).json as { events: { cursor: string }[] }).events;
  await until(async () => (await history()).length === 3);
  const [first] = await history();
  const args = ['watch', 'Logs/Info', '--json', '--since', first?.cursor ?? '', '--url', gateway.url];
  const cli = new Cli(args);
  await until(() => cli.stdout.split('\n').length === 3);
  expect(messages(cli)).toEqual((await history()).slice(1));
});

test('watch reconnects to a restarted gateway and prints the gap', slowly, async () => {
  const { address } = await simulate();
  const port = await freePort();
  const listen = ['--listen', `127.0.0.1:${port}`, '--rcsp', address];
  const first = await serve(listen);
  const cli = new Cli(['watch', 'Logs/Info', '--url', first.url]);
  const say = (LogMsg: string): Promise<unknown> =>
    run(['call', 'SimulatorSay', 'Level=Info', `LogMsg=${LogMsg}`, '--url', first.url]);
  await until(async () => {
    await say('before');
    return cli.stdout.includes('before');
  });
  first.cli.signal('SIGTERM');
  expect((await first.cli.end()).code).toBe(0);
  await until(() => cli.stderr.includes('trying again'));
  await serve(listen);
  await until(() => cli.stderr.includes('missed Logs/Info from '));
  expect(cli.stderr).toMatch(/missed Logs\/Info from \w+:\d+ to \w+:0: upstream-lost/);
  await until(async () => {
    await say('after');
    return cli.stdout.includes('after');
  });
});

test('a refusal ends watch with 1 and one line', async () => {
  const { gateway } = await startBoth();
  const { code, stdout, stderr } = await run(['watch', 'Logs', '--url', gateway.url]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^rcsp-gateway: Invalid request: [^\n]+\n$/);
});

test('watch waits for a gateway that is not up yet', slowly, async () => {
  const { address } = await simulate();
  const port = await freePort();
  const cli = new Cli(['watch', 'Logs/Info', '--url', `http://127.0.0.1:${port}`]);
  onTestFinished(() => cli.signal('SIGKILL'));
  await until(() => cli.stderr.includes('no gateway at'));
  await serve(['--listen', `127.0.0.1:${port}`, '--rcsp', address]);
  await until(() => cli.stderr.includes('back at'));
});

test('an invalid URL and a missing channel are command line errors', async () => {
  expect((await run(['watch', 'Logs/*', '--url', 'nowhere'])).code).toBe(2);
  expect((await run(['watch'])).code).toBe(2);
});

test('watch names a wildcard that matches nothing, and what it may have meant', slowly, async () => {
  const { gateway } = await startBoth();
  const args = ['watch', 'logs/*', 'Nothing/*', 'Devicelogs/*', 'Logs/*', '--url', gateway.url];
  const cli = new Cli(args);
  await until(() => cli.stderr.includes('Devicelogs'));
  expect(cli.stderr).toBe(
    'rcsp-gateway: logs/*: no channel matches now; did you mean Logs/*\n' +
      'rcsp-gateway: Nothing/*: no channel matches now\n' +
      'rcsp-gateway: Devicelogs/*: no channel matches now; did you mean devices/*/DeviceLogs/*\n',
  );
  cli.signal('SIGINT');
  expect((await cli.end()).code).toBe(0);
});
