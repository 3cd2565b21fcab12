/** Where documents and examples are run: a gateway with the simulator, a simulator of its own, and a shell. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

const MAIN = join(PACKAGE_ROOT, 'dist', 'src', 'cli', 'main.js');
/** Milliseconds after which a command is ended. */
const TIMEOUT_MS = 45_000;

export interface Ran {
  readonly code: number | null;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** The process is ended when it has printed this. */
  readonly until?: string | undefined;
}

/** Ends with everything that it started. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Ran> {
  const { cwd, env = process.env, until } = options;
  const child = spawn(command, [...args], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const end = (): void => kill(child, 'SIGTERM');
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    if (until !== undefined && output.includes(until)) end();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const overdue = setTimeout(() => kill(child, 'SIGKILL'), TIMEOUT_MS);
  try {
    await once(child, 'close');
  } finally {
    clearTimeout(overdue);
    kill(child, 'SIGKILL');
  }
  return { code: child.exitCode, output };
}

/** The whole group: a shell does not pass signals on. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** A process that runs until the stage is struck, and what it said first. */
async function background(
  args: readonly string[],
  said: RegExp,
  home: string,
): Promise<[ChildProcess, string]> {
  const env = { PATH: process.env['PATH'], XDG_CONFIG_HOME: home, XDG_STATE_HOME: home };
  const child = spawn(process.execPath, [MAIN, ...args], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  for await (const chunk of child.stdout) {
    output += String(chunk);
    const found = said.exec(output)?.[1];
    if (found === undefined) continue;
    child.stdout.on('data', () => undefined);
    return [child, found];
  }
  throw new Error(`${args.join(' ')} ended: ${output}`);
}

const Lights = z.object({ lights: z.array(z.object({ node: z.string() })).min(1) });

export class Stage {
  readonly url: string;
  /** An RCSP server that no gateway uses. */
  readonly studio: string;
  readonly #light: string;
  readonly #home: string;
  readonly #children: readonly ChildProcess[];

  private constructor(
    url: string,
    studio: string,
    light: string,
    home: string,
    children: readonly ChildProcess[],
  ) {
    this.url = url;
    this.studio = studio;
    this.#light = light;
    this.#home = home;
    this.#children = children;
  }

  static async set(settings: readonly string[] = []): Promise<Stage> {
    const home = mkdtempSync(join(tmpdir(), 'rcsp-stage-'));
    mkdirSync(join(home, 'bin'));
    writeFileSync(
      join(home, 'bin', 'rcsp-gateway'),
      `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`,
      {
        mode: 0o755,
      },
    );
    const [gateway, url] = await background(
      ['serve', '--simulate', '--studio', 'stage', '--studio', 'lab', '--listen', '127.0.0.1:0', ...settings],
      /^listening on (http:\S+)$/m,
      home,
    );
    const [simulator, studio] = await background(
      ['simulator', '--port', '0'],
      /^simulator listening on (\S+)$/m,
      home,
    );
    const { lights } = Lights.parse(await (await fetch(`${url}/v1/lights`)).json());
    while ((await fetch(`${url}/ready`)).status !== 200)
      await new Promise((resolve) => setTimeout(resolve, 50));
    return new Stage(url, studio, lights[0]!.node, home, [gateway, simulator]);
  }

  async strike(): Promise<void> {
    for (const child of this.#children) {
      const closed = once(child, 'close');
      kill(child, 'SIGKILL');
      await closed;
    }
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** An empty folder. */
  folder(): string {
    return mkdtempSync(join(this.#home, 'folder-'));
  }

  /** What is written for the machines of a reader, for those of this stage. */
  localized(text: string): string {
    return text
      .replaceAll(/(?:127\.0\.0\.1|localhost):8080/g, new URL(this.url).host)
      .replaceAll('studio-pc:45451', this.studio)
      .replaceAll('192.168.0.23', this.#light);
  }

  shell(command: string, { cwd, until }: RunOptions): Promise<Ran> {
    const env = {
      PATH: `${join(this.#home, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: cwd,
      XDG_CONFIG_HOME: cwd,
      XDG_STATE_HOME: cwd,
      RCSP_GATEWAY_URL: this.url,
      RCSP_GATEWAY_LISTEN: '127.0.0.1:0',
    };
    return runCommand('bash', ['-euo', 'pipefail', '-c', this.localized(command)], { cwd, env, until });
  }
}
