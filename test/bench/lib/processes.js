/** The built command line as a process of a benchmark. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));
const TIMEOUT_MS = 30_000;

/** Starts `rcsp-gateway <args>`; the result has what `pattern` finds in its output, and ends the process. */
export async function startCommand(args, pattern) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const timer = setTimeout(() => child.kill(), TIMEOUT_MS);
  for await (const line of createInterface({ input: child.stdout })) {
    const [, found] = pattern.exec(line) ?? [];
    if (found === undefined) continue;
    clearTimeout(timer);
    child.stdout.resume();
    return { found, stop };
  }
  throw new Error(`${args.join(' ')} ended before it listened`);
}

/** A simulated studio and its gateway as two processes; `url` is the gateway's. */
export async function withStudio(simulatorArgs, use) {
  const simulator = await startCommand(
    ['simulator', '--port', '0', ...simulatorArgs],
    /^simulator listening on (\S+)/,
  );
  try {
    const gateway = await startCommand(
      ['serve', '--listen', '127.0.0.1:0', '--log-level', 'warn', '--rcsp', simulator.found],
      /^listening on (http:\S+)/,
    );
    try {
      return await use(gateway.found);
    } finally {
      await gateway.stop();
    }
  } finally {
    await simulator.stop();
  }
}
