import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

/*
 * Load from outside: the built gateway as a process of its own, and clients that cost next to nothing. What they
 * measure is compared with very generous bounds only.
 */

const CLI = join(PACKAGE_ROOT, 'dist', 'src', 'cli', 'main.js');
/** Milliseconds after which a process is killed whatever its test does. */
const LIFE_MS = 90_000;
const TIMEOUT_MS = 30_000;

const Limits = z.object({
  userLimits: z.object({ open_files: z.object({ soft: z.union([z.number(), z.literal('unlimited')]) }) }),
});

/**
 * Ends the test when a process of this machine cannot have so many open files: as skipped, with the reason, and
 * in CI as failed. Node has raised the soft limit to the hard one by itself, in the processes that it starts, too.
 */
export function requireOpenFiles(count: number, skip: (reason: string) => void): void {
  const { soft } = Limits.parse(process.report.getReport()).userLimits.open_files;
  if (soft === 'unlimited' || soft >= count) return;
  const reason = `this needs ${count} open files in a process, and the hard limit is ${soft} (ulimit -Hn)`;
  if (process.env['CI'] !== undefined) throw new Error(reason);
  process.stderr.write(`SKIPPED: ${reason}\n`);
  skip(reason);
}

/** Polls less often than `until`, for what costs something to ask, and as long as it is told. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = TIMEOUT_MS,
): Promise<void> {
  await vi.waitUntil(condition, { timeout: timeoutMs, interval: 25 });
}

/** The built gateway, or another of the command line's commands, as a process; killed when the test is over. */
export class LoadProcess {
  readonly exited: Promise<{ readonly code: number | null; readonly at: number }>;
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;

  constructor(args: readonly string[]) {
    const child = spawn(process.execPath, [CLI, ...args], {
      env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: '/nowhere' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.exited = new Promise((resolve) => {
      child.once('close', (code) => resolve({ code, at: performance.now() }));
    });
    const overdue = setTimeout(() => child.kill('SIGKILL'), LIFE_MS);
    onTestFinished(async () => {
      clearTimeout(overdue);
      child.kill('SIGKILL');
      await this.exited;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The first match of standard output, once it is there. */
  async printed(pattern: RegExp): Promise<string> {
    await eventually(() => pattern.test(this.stdout) || this.#child.exitCode !== null);
    const found = pattern.exec(this.stdout)?.[1];
    if (found === undefined) throw new Error(`it ended: ${this.stdout}${this.stderr}`);
    return found;
  }
}

/** A gateway as a process, as its users and its operator meet it. */
export class LoadedGateway {
  readonly process: LoadProcess;
  readonly url: string;

  private constructor(process: LoadProcess, url: string) {
    this.process = process;
    this.url = url;
  }

  /** In front of the studio at that port, ready, and done with its own questions. `args` may say where it listens. */
  static async start(rcspPort: number, args: readonly string[] = []): Promise<LoadedGateway> {
    const where = ['--rcsp', `127.0.0.1:${rcspPort}`, ...(args.includes('--listen') ? [] : ANY_PORT)];
    const process = new LoadProcess(['serve', '--log-format', 'json', ...where, ...args]);
    const gateway = new LoadedGateway(process, await process.printed(/^listening on (http:\S+)$/m));
    await eventually(() => gateway.#isSettled());
    return gateway;
  }

  get(path: string): Promise<Response> {
    return fetch(this.url + path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  }

  /** The value of a metric without labels but the studio's, by its name without the gateway's prefix. */
  async gauge(name: string): Promise<number> {
    const text = await (await this.get('/metrics')).text();
    return Number(new RegExp(`^rcsp_gateway_${name}(?:\\{studio="studio"\\})? (\\S+)$`, 'm').exec(text)?.[1]);
  }

  /** What it logged as an error, or worse. */
  get errors(): string[] {
    return this.process.stderr
      .split('\n')
      .filter((line) => /"level":(?:50|60)\b/.test(line) || isStray(line));
  }

  async #isSettled(): Promise<boolean> {
    const ready = await this.get('/ready');
    const knowsDevices = /"devices":[1-9]/.test(await ready.text());
    return ready.status === 200 && knowsDevices && (await this.gauge('commands_waiting')) === 0;
  }

  /** Linux only. */
  async openFiles(): Promise<number> {
    return (await readdir(`/proc/${this.process.pid}/fd`)).length;
  }

  /** Linux only. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.process.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }
}

const ANY_PORT = ['--listen', '127.0.0.1:0'];

/** Not a line of the log: a stack trace, a warning of Node. */
function isStray(line: string): boolean {
  return line !== '' && !line.startsWith('{');
}

export interface RawReply {
  readonly status: number;
  /** As they came, in lower case. */
  readonly head: string;
  readonly body: string;
  /** `performance.now()` when it was read. */
  readonly at: number;
}

/**
 * One HTTP connection whose bytes the test decides. It does not close when the other side says its last, as one
 * that means harm would not.
 */
export class RawHttp {
  readonly socket: net.Socket;
  readonly replies: RawReply[] = [];
  readonly openedAt = performance.now();
  /** When the gateway said its last; undefined while it may go on. */
  endedAt: number | undefined;
  /** What ended it, when it was not a proper end. */
  failure: NodeJS.ErrnoException | undefined;
  readonly #host: string;
  #text = '';

  private constructor(url: string) {
    const { hostname, port, host } = new URL(url);
    this.#host = host;
    this.socket = net.connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
    this.socket.on('data', (chunk) => this.#read(chunk.toString('latin1')));
    this.socket.on('end', () => (this.endedAt ??= performance.now()));
    this.socket.on('close', () => (this.endedAt ??= performance.now()));
    this.socket.on('error', (error) => (this.failure ??= error));
    onTestFinished(() => void this.socket.destroy());
  }

  static async connect({ url }: { readonly url: string }): Promise<RawHttp> {
    const client = new RawHttp(url);
    await once(client.socket, 'connect');
    return client;
  }

  /** Some at a time, so that no queue of the system overflows. */
  static async connectMany(gateway: { readonly url: string }, count: number): Promise<RawHttp[]> {
    return inBatches(count, () => RawHttp.connect(gateway));
  }

  /** A request's head; what follows the last header is up to the caller. */
  head(method: string, path: string, headers: readonly string[] = []): string {
    return [`${method} ${path} HTTP/1.1`, `Host: ${this.#host}`, ...headers, '', ''].join('\r\n');
  }

  get(path: string): void {
    this.socket.write(this.head('GET', path));
  }

  put(path: string, json: string): void {
    const headers = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(json)}`];
    this.socket.write(this.head('PUT', path, headers) + json);
  }

  #read(text: string): void {
    this.#text += text;
    for (;;) {
      const headEnd = this.#text.indexOf('\r\n\r\n') + 4;
      if (headEnd < 4) return;
      const head = this.#text.slice(0, headEnd).toLowerCase();
      const end = headEnd + Number(/\r\ncontent-length: (\d+)\r\n/.exec(head)?.[1] ?? 0);
      if (this.#text.length < end) return;
      const body = this.#text.slice(headEnd, end);
      this.replies.push({ status: Number(head.slice(9, 12)), head, body, at: performance.now() });
      this.#text = this.#text.slice(end);
    }
  }
}

const BATCH = 200;

/** The results of so many calls, a batch of them at once. */
export async function inBatches<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) {
    const size = Math.min(BATCH, count - made.length);
    const from = made.length;
    made.push(...(await Promise.all(Array.from({ length: size }, (_, i) => make(from + i)))));
  }
  return made;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
