import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

const CLI = join(PACKAGE_ROOT, 'dist', 'src', 'cli', 'main.js');
/** Milliseconds after which a process that should have ended is killed. */
const TIMEOUT_MS = 30_000;

export interface Ended {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command line as a process; killed when the test is over. */
export class Cli {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}, timeoutMs = TIMEOUT_MS) {
    const child = spawn(process.execPath, [CLI, ...args], {
      env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: '/nowhere', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.#ended = once(child, 'close');
    child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    const overdue = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.once('exit', () => clearTimeout(overdue));
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await this.#ended;
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Standard input, then its end. */
  input(text: string): void {
    this.#process.stdin?.end(text);
  }

  async end(): Promise<Ended> {
    await this.#ended;
    return { code: this.#process.exitCode, stdout: this.stdout, stderr: this.stderr };
  }

  /** The first match of standard output, once it is there. */
  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.stdout)?.[1];
      if (found !== undefined) return found;
      if (this.#process.exitCode !== null) throw new Error(`it ended: ${this.stdout}${this.stderr}`);
      await Promise.race([once(this.#process.stdout!, 'data'), this.#ended]);
    }
  }
}

export function run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
  return new Cli(args, env).end();
}

/** A gateway as a process, and where it listens. */
export async function serve(
  args: readonly string[] = [],
  env?: NodeJS.ProcessEnv,
): Promise<{ cli: Cli; url: string }> {
  const cli = new Cli(['serve', '--listen', '127.0.0.1:0', ...args], env);
  return { cli, url: await cli.printed(/^listening on (http:\S+)$/m) };
}

/** A simulator as a process, and where it listens. */
export async function simulate(args: readonly string[] = []): Promise<{ cli: Cli; address: string }> {
  const cli = new Cli(['simulator', '--port', '0', '--no-events', ...args]);
  return { cli, address: await cli.printed(/^simulator listening on (\S+)$/m) };
}
