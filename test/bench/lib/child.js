/** Processes of a benchmark, and how they are asked: one message there, one back, by `fork`'s channel. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { pin, startFloor } from './floor.js';

/** Milliseconds that any one question may take. */
const TIMEOUT_MS = 60_000;

/** What every process can tell about itself. */
const COMMON = {
  /** Microseconds of CPU, user and system together, so far. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  /** Resident bytes, after a garbage collection where the process was started with `--expose-gc`. */
  async resident() {
    for (let i = 0; i < 3; i += 1) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return process.memoryUsage.rss();
  },
};

/** In a child: answers questions by the name of a function in `handlers`. */
export function answer(handlers) {
  const known = { ...COMMON, ...handlers };
  process.on('message', async ({ id, name, args }) => {
    try {
      process.send({ id, result: await known[name](...args) });
    } catch (error) {
      process.send({ id, error: `${name}: ${error.stack}` });
    }
  });
  process.on('disconnect', () => process.exit(0));
}

/** A child process, `file` beside this folder: `servers/gateway.js`. */
export class Child {
  #process;
  #waiting = new Map();
  #count = 0;

  constructor(file, args = [], execArgv = []) {
    this.#process = fork(fileURLToPath(new URL(`../${file}`, import.meta.url)), args.map(String), {
      execArgv,
    });
    pin(this.pid, file);
    this.#process.on('message', ({ id, result, error }) => {
      const { resolve, reject, timer } = this.#waiting.get(id);
      clearTimeout(timer);
      this.#waiting.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(`${file}: ${error}`));
    });
    this.#process.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${file} ended: ${code ?? signal}`));
    });
  }

  get pid() {
    return this.#process.pid;
  }

  /** What the child's handler of that name answers. */
  ask(name, ...args) {
    const id = (this.#count += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name}: no answer`)), TIMEOUT_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#process.send({ id, name, args });
    });
  }

  async stop() {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 2000);
    await ended;
    clearTimeout(timer);
  }
}

/**
 * Starts what `use` needs, and ends it whatever happens. `use` gets a function that starts a child, and one that starts a
 * program in C, which gives undefined where there is no compiler.
 */
export async function withChildren(use) {
  const children = [];
  const kept = (child) => {
    if (child !== undefined) children.push(child);
    return child;
  };
  try {
    return await use(
      (...args) => kept(new Child(...args)),
      (name, args) => kept(startFloor(name, args)),
    );
  } finally {
    await Promise.all(children.map((child) => child.stop().catch(() => undefined)));
  }
}
