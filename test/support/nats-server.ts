import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './access.js';
import { until } from './gateway.js';
import { freePort } from './scripted-server.js';

/** Where `nats-server` is; undefined where it is not installed. */
export const NATS_SERVER = [
  process.env['NATS_SERVER'],
  ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'nats-server')),
  join(homedir(), 'go', 'bin', 'nats-server'),
].find((path): path is string => path !== undefined && path !== '' && existsSync(path));

/** Debian's, an old one. */
export const OLD_NATS_SERVER = [process.env['OLD_NATS_SERVER'], '/usr/sbin/nats-server'].find(
  (path): path is string => path !== undefined && path !== '' && existsSync(path),
);

/** Tests that need the server run where it is; in CI a missing one is a failure. */
export const HAS_NATS = NATS_SERVER !== undefined || process.env['CI'] !== undefined;
if (!HAS_NATS) process.stderr.write('nats-server is not installed: the tests that need it are left out\n');

export interface NatsServerOptions {
  readonly path?: string | undefined;
  /** More of its configuration. */
  readonly config?: string;
  /** The network in which it is, and its address there. */
  readonly network?: { readonly name: string; readonly address: string } | undefined;
}

/** A NATS server with JetStream in a folder of its own, on a port that it keeps. Ends with the test. */
export class NatsServer {
  readonly port: number;
  readonly #host: string;
  readonly #command: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(command: readonly string[], host: string, port: number) {
    this.#command = command;
    this.#host = host;
    this.port = port;
    onTestFinished(() => this.kill());
  }

  static async start({
    path = NATS_SERVER,
    config = '',
    network,
  }: NatsServerOptions = {}): Promise<NatsServer> {
    if (path === undefined) throw new Error('nats-server is not installed');
    const port = await freePort();
    const folder = temporaryFolder();
    const file = join(folder, 'nats.conf');
    const host = network === undefined ? '127.0.0.1' : '0.0.0.0';
    const own = `listen: "${host}:${port}"\njetstream { store_dir: ${JSON.stringify(join(folder, 'store'))} }\n`;
    writeFileSync(file, own + config);
    const within = network === undefined ? [] : ['ip', 'netns', 'exec', network.name];
    const server = new NatsServer([...within, path, '-c', file], network?.address ?? host, port);
    await server.run();
    return server;
  }

  get url(): string {
    return this.urlAt(this.#host);
  }

  /** At another of its addresses. */
  urlAt(host: string, scheme = 'nats'): string {
    return `${scheme}://${host}:${this.port}`;
  }

  async run(): Promise<void> {
    const [program = '', ...args] = this.#command;
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#process = child;
    let told = '';
    child.stderr.on('data', (chunk: Buffer) => (told = (told + chunk.toString()).slice(-4000)));
    await until(() => {
      if (child.exitCode !== null) throw new Error(`nats-server ended: ${told}`);
      return answers(this.#host, this.port);
    });
  }

  /** As by a loss of power. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await ended;
  }

  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
    socket.setTimeout(1000, () => {
      socket.destroy();
      resolve(false);
    });
  });
}
