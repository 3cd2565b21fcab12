import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

interface Stage {
  readonly root: string;
  readonly env: Record<string, string>;
  workdir: string;
  user: string;
  entrypoint: string[];
  cmd: string[];
  healthcheck: string[];
}

/** Runs a Dockerfile's steps by hand, each stage in a folder of its own: what a build would do, without an engine. */
function build(dockerfile: string, folder: string): Stage {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const line of dockerfile.split('\n').filter((each) => each !== '')) {
    const [, verb = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    if (verb === 'FROM') {
      const name = / AS (\w+)$/.exec(rest)?.[1] ?? 'final';
      const root = join(folder, name);
      mkdirSync(root, { recursive: true });
      stage = { root, env: {}, workdir: '/', user: 'root', entrypoint: [], cmd: [], healthcheck: [] };
      stages.set(name, stage);
    } else if (stage === undefined) throw new Error(`${verb} before FROM`);
    else step(stage, stages, verb, rest);
  }
  if (stage === undefined) throw new Error('no stage');
  return stage;
}

function step(stage: Stage, stages: Map<string, Stage>, verb: string, rest: string): void {
  const folder = join(stage.root, stage.workdir);
  const words = rest.split(' ');
  switch (verb) {
    case 'WORKDIR':
      stage.workdir = rest;
      mkdirSync(join(stage.root, rest), { recursive: true });
      break;
    case 'ENV': {
      const [key = '', value = ''] = rest.split('=');
      stage.env[key] = value;
      break;
    }
    case 'COPY': {
      const from = /^--from=(\w+)$/.exec(words[0] ?? '')?.[1];
      const sources = words.slice(from === undefined ? 0 : 1, -1);
      const target = resolve(folder, words.at(-1) ?? '.');
      for (const source of sources) {
        const origin =
          from === undefined ? join(PACKAGE_ROOT, source) : join(stages.get(from)?.root ?? '', source);
        const into = rest.endsWith('./') ? join(target, basename(source)) : target;
        cpSync(origin, into, { recursive: true, verbatimSymlinks: true });
      }
      break;
    }
    case 'RUN': {
      const ran = spawnSync('sh', ['-c', rest], { cwd: folder, encoding: 'utf8', timeout: 240_000 });
      expect(ran.status, `RUN ${rest}\n${ran.stdout}\n${ran.stderr}`).toBe(0);
      break;
    }
    case 'USER':
      stage.user = rest;
      break;
    case 'ENTRYPOINT':
      stage.entrypoint = JSON.parse(rest) as string[];
      break;
    case 'CMD':
      stage.cmd = JSON.parse(rest) as string[];
      break;
    case 'HEALTHCHECK':
      stage.healthcheck = JSON.parse(rest.slice(rest.indexOf('['))) as string[];
      break;
    case 'EXPOSE':
      break;
    default:
      throw new Error(`the test does not know ${verb}`);
  }
}

function run(
  stage: Stage,
  command: readonly string[],
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcess {
  return spawn(
    command[0] === 'node' ? process.execPath : (command[0] ?? ''),
    [...command.slice(1), ...args],
    {
      cwd: join(stage.root, stage.workdir),
      env: { PATH: process.env['PATH'], ...stage.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
}

test(
  "the Dockerfile's steps give an image that starts as a user without rights and passes its own health check",
  { timeout: 300_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rcsp-gateway-image-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const image = build(readFileSync(join(PACKAGE_ROOT, 'Dockerfile'), 'utf8'), folder);
    expect(image.user).toBe('node');

    const env = { RCSP_GATEWAY_LISTEN: '127.0.0.1:0', RCSP_GATEWAY_LOG_LEVEL: 'error' };
    const gateway = run(image, [...image.entrypoint, ...image.cmd], ['--simulate'], env);
    onTestFinished(() => void gateway.kill('SIGKILL'));
    const port = await new Promise<string>((found) => {
      gateway.stdout?.on('data', (text: Buffer) => {
        const match = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(text.toString());
        if (match?.[1] !== undefined) found(match[1]);
      });
    });

    const healthy = run(image, image.healthcheck, [], { RCSP_GATEWAY_LISTEN: `0.0.0.0:${port}` });
    expect(await once(healthy, 'exit')).toEqual([0, null]);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);

    gateway.kill('SIGTERM');
    expect(await once(gateway, 'exit')).toEqual([0, null]);
    const sick = run(image, image.healthcheck, [], { RCSP_GATEWAY_LISTEN: `0.0.0.0:${port}` });
    expect(await once(sick, 'exit')).toEqual([1, null]);
  },
);

test('the image refuses to open the studio to the network unless told to', () => {
  const dockerfile = readFileSync(join(PACKAGE_ROOT, 'Dockerfile'), 'utf8');
  expect(dockerfile).toContain('ENV RCSP_GATEWAY_LISTEN=0.0.0.0:8080');
  expect(dockerfile).not.toMatch(/no-auth|NO_AUTH/i);
});
