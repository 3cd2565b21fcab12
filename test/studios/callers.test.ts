import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { RcspClient } from '../../src/client/index.js';
import { temporaryFolder } from '../support/access.js';
import { Cli, run, serve } from '../support/cli.js';
import { until } from '../support/gateway.js';
import { startStudios } from '../support/studios.js';

const NAMES = ['stage', 'lab'] as const;

describe('the command line', { tags: ['extended'] }, () => {
  test('call names a studio by --studio, by RCSP_GATEWAY_STUDIO, or by the URL', async () => {
    const { gateway } = await startStudios(NAMES);
    await gateway.put('/studios/lab/v1/devices/1/name', { DeviceName: 'Lab glove' });
    const call = ['call', 'GetDeviceName', 'DeviceId=1'];
    const answer = { code: 0, stdout: '{"DeviceName":"Lab glove"}\n', stderr: '' };
    expect(await run([...call, '--url', gateway.url, '--studio', 'lab'])).toEqual(answer);
    expect(await run([...call, '--url', gateway.url], { RCSP_GATEWAY_STUDIO: 'lab' })).toEqual(answer);
    expect(await run([...call, '--url', `${gateway.url}/studios/lab`])).toEqual(answer);
    const { code, stderr } = await run([...call, '--url', gateway.url, '--studio', 'attic']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('there are: stage, lab') as string]);
    expect((await run([...call, '--url', gateway.url, '--studio', 'A b'])).code).toBe(2);
  });

  test('watch names a studio by --studio', async () => {
    const { gateway, simulators } = await startStudios(NAMES);
    const cli = new Cli(['watch', 'Logs/Info', '--studio', 'lab', '--url', gateway.url]);
    await until(() => simulators.lab.subscriptionCount('Logs', 'Info') === 1);
    simulators.lab.emit('Logs', 'Info', { n: 7 });
    await until(() => cli.stdout.includes('Logs/Info {"n":7}'));
    cli.signal('SIGTERM');
    expect((await cli.end()).code).toBe(0);
  });

  test('token create --studio limits a token, and token list names the studios', async () => {
    const file = ['--tokens', join(temporaryFolder(), 'tokens.json')];
    const create = ['token', 'create', '--scope', 'read', ...file];
    await run([...create, '--name', 'desk']);
    await run([...create, '--name', 'lab-desk', '--studio', 'lab', '--studio', 'attic']);
    const { stdout } = await run(['token', 'list', ...file]);
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows.map((row) => [row[0], row[4]])).toEqual([
      ['NAME', 'STUDIOS'],
      ['desk', 'all'],
      ['lab-desk', 'lab, attic'],
      ['', undefined],
    ]);
    expect((await run([...create, '--name', 'x', '--studio', 'A b'])).code).toBe(2);
  });

  test.each([
    [['--studio', 'stage'], '--studio stage needs its address, stage=host:port, or --simulate'],
    [['--studio', 'a=x:1', '--studio', 'a=y:1'], 'must name each studio once: a is there twice'],
    [['--studio', 'metrics=x:1'], 'that word is reserved'],
    [['--studio', 'a=x:1', '--default-studio', 'b'], '--default-studio b is none of the studios: a'],
    [['--studio', 'a=x:1', '--rcsp', 'y:1'], '--rcsp and --studio contradict each other'],
    [['--studios-file', '/nowhere/studios.json'], '--studios-file /nowhere/studios.json cannot be read'],
  ])('serve %j is refused in one line', async (args, reason) => {
    const { code, stderr } = await run(['serve', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^rcsp-gateway: [^\n]+\n$/);
    expect(stderr).toContain(reason);
  });

  test('serve --simulate simulates each studio that is named', async () => {
    const { url } = await serve(['--simulate', '--studio', 'stage', '--studio', 'lab']);
    const { studios } = (await (await fetch(`${url}/v1/studios`)).json()) as {
      studios: { name: string; simulated: boolean }[];
    };
    expect(studios.map(({ name, simulated }) => [name, simulated])).toEqual([
      ['stage', true],
      ['lab', true],
    ]);
  });
});

describe('the browser client', () => {
  test('it commands and hears the studio that it is made for', async () => {
    const { gateway, simulators } = await startStudios(NAMES);
    const studio = new RcspClient({ url: gateway.url, studio: 'lab', WebSocket });
    onTestFinished(() => studio.close());
    await studio.call('SetDeviceName', { DeviceId: 1, DeviceName: 'Lab glove' });
    expect((await gateway.get('/studios/lab/v1/devices/1/name')).json).toEqual({ DeviceName: 'Lab glove' });
    const heard: unknown[] = [];
    studio.subscribe('Logs/Info', {}, ({ event }) => heard.push(event.EventData));
    await until(() => simulators.lab.subscriptionCount('Logs', 'Info') === 1);
    simulators.lab.emit('Logs', 'Info', { LogMsg: 'here' });
    await until(() => heard.length === 1);
    expect(heard).toEqual([{ LogMsg: 'here' }]);
  });
});
