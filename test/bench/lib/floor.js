/**
 * Programs in C, compiled when there is a compiler: the least that the same work can cost on this machine. They are asked
 * as the other processes of a benchmark are.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../floor/', import.meta.url));
let folder;

const CORES = os.availableParallelism();
/** What makes load. */
const GENERATORS = ['lib/callers.js', 'lib/listeners.js', 'http-load'];
/** A program in C that is measured. */
const SERVER = 'fan-out';

/** Whether what is measured has a core of its own. */
export let isPinned = os.platform() === 'linux' && CORES > 1;

/**
 * Gives what is measured the first core, and what makes its load the rest: else they move, and take each other's caches.
 * The studio runs where the kernel puts it, and so does everything without `taskset` (util-linux).
 */
export function pin(pid, name) {
  const isServer = name.startsWith('servers/') || name === SERVER;
  if (!isPinned || (!isServer && !GENERATORS.includes(name))) return;
  try {
    execFileSync('taskset', ['-apc', isServer ? '0' : `1-${CORES - 1}`, String(pid)], { stdio: 'ignore' });
  } catch {
    isPinned = false;
  }
}

/** The program of `floor/<name>.c`; undefined where it cannot be compiled. */
function compiled(name) {
  try {
    if (folder === undefined) {
      folder = mkdtempSync(join(os.tmpdir(), 'rcsp-floor-'));
      process.once('exit', () => rmSync(folder, { recursive: true }));
    }
    const program = join(folder, name);
    execFileSync('cc', ['-O2', '-o', program, join(FOLDER, `${name}.c`)], { stdio: 'ignore' });
    return program;
  } catch {
    return undefined;
  }
}

/** A running program; it ends with its standard input. A question is a line there, an answer a line of JSON. */
class Program {
  #process;
  #lines;
  #last = Promise.resolve();

  constructor(path, args) {
    this.#process = spawn(path, args.map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  get pid() {
    return this.#process.pid;
  }

  /** A server tells its port by itself, in its first line; questions are put one after the other. */
  ask(name, ...args) {
    if (name === 'cpu') return Promise.resolve(cpuOf(this.pid));
    const answered = this.#last.then(() => this.#ask(name, args));
    this.#last = answered.catch(() => undefined);
    return answered;
  }

  async #ask(name, args) {
    if (name !== 'port') this.#process.stdin.write(`${[name, ...args].join(' ')}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the program in C ended before it answered ${name}`);
    return JSON.parse(value);
  }

  async stop() {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }
}

/** Microseconds of CPU so far. Only Linux tells them. */
function cpuOf(pid) {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
}

/** Starts `floor/<name>.c`; undefined where there is no compiler, or no way to measure it. */
export function startFloor(name, args) {
  const path = os.platform() === 'linux' ? compiled(name) : undefined;
  if (path === undefined) return undefined;
  const program = new Program(path, args);
  pin(program.pid, name);
  return program;
}
