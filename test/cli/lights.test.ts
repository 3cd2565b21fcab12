// @module-tag extended
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/access.js';
import { Cli, run, serve } from '../support/cli.js';
import { until } from '../support/gateway.js';

/** Two simulated nodes as a process, and a gateway that is connected to them. */
async function start(): Promise<{
  url: string;
  node: string;
  lights: (...args: string[]) => ReturnType<typeof run>;
}> {
  const simulator = new Cli([
    'lights-simulator',
    '--port',
    '0',
    '--speed',
    '10',
    '--fault',
    'error=runSeq*1',
  ]);
  const node = await simulator.printed(/^light array listening on (\S+)$/m);
  const folder = temporaryFolder();
  const { url } = await serve(['--lights', node, '--lights-listen', '127.0.0.1:0', '--state-folder', folder]);
  await until(async () => (await (await fetch(`${url}/v1/lights/${node}`)).text()).includes('"connected"'));
  return { url, node, lights: (...args) => run(['lights', ...args, '--url', url]) };
}

describe('rcsp-gateway lights', () => {
  test('lists, lights, uploads and runs through a gateway, and says what failed', async () => {
    const { url, node, lights } = await start();
    const list = await lights('list');
    expect(JSON.parse(list.stdout)).toMatchObject({ lights: [{ node, state: 'connected' }] });
    const failed = await lights('model-light', node, '40');
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toContain('Device command error: BOARDIO_ERROR: as ordered (502, rejected, ');
    expect(await lights('model-light', node, '40')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await lights('fan', node, 'on')).toEqual({ code: 0, stdout: '', stderr: '' });
    const file = join(temporaryFolder(), 'steps.json');
    writeFileSync(file, '[{"register":"ALL_4_NIKON","power":80}]');
    expect((await lights('sequence', node, file)).code).toBe(0);
    expect(JSON.parse((await lights('sequence', node)).stdout)).toEqual({
      steps: [{ register: 'ALL_4_NIKON', power: 80 }],
      standalone: false,
    });
    expect((await lights('run', node)).code).toBe(0);
    const watch = new Cli(['watch', 'lights/*/Pycom/Message', '--url', url]);
    await until(async () => {
      await lights('fan', node, 'on');
      return watch.stdout !== '';
    });
    expect(watch.stdout).toMatch(/^\S+ lights\/\S+\/Pycom\/Message \{"id":"81639cd4",.*"type_":"message"/);
    const shell = await lights('shell', node, 'ls');
    expect(shell.code).toBe(1);
    expect(shell.stderr).toContain('--lights-shell');
  });

  test.each([
    [['model-light', 'a', '101']],
    [['model-light', 'a', 'x']],
    [['fan', 'a', 'maybe']],
    [['fan', 'a']],
    [['sequence', 'a', '/nowhere/at-all.json']],
    [['blink', 'a']],
  ])('%j is a bad command line', async (args) => {
    const { code, stdout, stderr } = await run(['lights', ...args]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^(rcsp-gateway|error): [^\n]+\n/);
  });

  test('a gateway that is not there was sent nothing', async () => {
    expect((await run(['lights', 'list', '--url', 'http://127.0.0.1:1'])).code).toBe(3);
  });
});

test('the simulated light arrays listen on ports that follow, and end with a signal', async () => {
  const first = new Cli(['lights-simulator', '--nodes', '3', '--port', '0']);
  await first.printed(/(listening on [\s\S]*listening on [\s\S]*listening on \S+\n)/);
  first.signal('SIGTERM');
  expect((await first.end()).code).toBe(0);
});
