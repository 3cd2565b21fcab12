import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { until } from './gateway.js';

/** A Python that has rtcbot and aiortc; `.ci/run` makes one. */
export const PYTHON = process.env['RTC_PYTHON'] ?? 'python3';
/** To import them takes a second. */
const PROBE = "from importlib.util import find_spec; assert find_spec('rtcbot') and find_spec('aiortc')";
const SCRIPT = join(PACKAGE_ROOT, 'test', 'transports', 'rtc', 'peer.py');

/**
 * True on a developer's machine without RTCBot; prints that it skips. Where `CI` is set it is false, so that the tests
 * run and fail.
 */
export function hasNoRtcbot(what: string): boolean {
  if (process.env['CI']) return false;
  try {
    execFileSync(PYTHON, ['-c', PROBE], { stdio: 'ignore' });
    return false;
  } catch {
    const how = 'pip install rtcbot==0.2.5 aiortc, and RTC_PYTHON=<that python>';
    process.stderr.write(`skipped: ${what}, because ${PYTHON} has no rtcbot (${how})\n`);
    return true;
  }
}

const Line = z.strictObject({
  answer: z.array(z.string()).optional(),
  open: z.literal(true).optional(),
  closed: z.literal(true).optional(),
  got: z.unknown().optional(),
});
type Line = z.output<typeof Line>;

/** A peer in Python, see peer.py. Killed when the test is over. */
export class PythonPeer {
  readonly lines: Line[] = [];
  readonly process: ChildProcess;
  #errors = '';

  constructor(...args: readonly string[]) {
    const child = spawn(PYTHON, ['-u', SCRIPT, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process = child;
    createInterface(child.stdout).on('line', (line) => this.lines.push(Line.parse(JSON.parse(line))));
    child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    onTestFinished(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
  }

  tell(line: object): void {
    this.process.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  /** What came over the data channel. */
  get got(): unknown[] {
    return this.lines.flatMap((line) => ('got' in line ? [line.got] : []));
  }

  /** The first line for which `isIt` holds, once it is there. */
  async line(isIt: (line: Line) => boolean): Promise<Line> {
    await until(() => this.lines.some(isIt) || this.process.exitCode !== null);
    const found = this.lines.find(isIt);
    if (found === undefined) throw new Error(`the peer ended: ${this.#errors}`);
    return found;
  }
}
