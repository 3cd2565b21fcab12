import pino from 'pino';
import type { BaseLogger, DestinationStream, Logger as PinoLogger } from 'pino';
import { MAX_DEPTH } from './client-json.js';
import { load } from './load.js';
import { printableJson, printableLine } from './printable.js';

/** What the parts of the gateway log to. */
export type Logger = Pick<BaseLogger, 'level' | 'debug' | 'info' | 'warn' | 'error'>;

/** Anywhere in a name: `WifiPsk`, `oldPassword`, `apiKey`. */
const SECRET = /psk|pass(word|phrase|wd)|secret|token|ticket|authorization|cookie|key$/i;

/** A copy fit for a log: whatever a secret's name stands for is masked, and so is what is nested too deeply. */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  if (depth > MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.map((each) => redacted(each, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, masked(name, each, depth)]));
}

/** Errors and what Fastify logs of requests have serializers of their own. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/** For every line, whatever its level. */
export const MASKING = {
  log: (line: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(line).map(([name, value]) => [name, masked(name, value, 0)])),
};

function masked(name: string, value: unknown, depth: number): unknown {
  return SECRET.test(name) ? '[secret]' : redacted(value, depth + 1);
}

export interface LogOptions {
  readonly logLevel: string;
  /** `auto` is `pretty` on a terminal, otherwise `json`. */
  readonly logFormat: 'auto' | 'pretty' | 'json';
}

/** Logs go to standard error: standard output is for what a person or a script asked for. */
export function createLogger({ logLevel, logFormat }: LogOptions): PinoLogger {
  const readable = logFormat === 'pretty' || (logFormat === 'auto' && process.stderr.isTTY);
  const stream = readable ? prettyLines(2) : pino.destination(2);
  return pino({ level: logLevel, formatters: MASKING }, stream);
}

/** Lines for a person. Their texts come from elsewhere in part: none of them may move the cursor or forge a line. */
export function prettyLines(destination: number | NodeJS.WritableStream): DestinationStream {
  const stream = load('pino-pretty').default({
    destination,
    sync: true,
    singleLine: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
    ...(typeof destination !== 'number' && { colorize: false }),
  });
  return { write: (line) => void stream.write(`${JSON.stringify(terminalSafe(JSON.parse(line)))}\n`) };
}

function terminalSafe(line: unknown): unknown {
  const safe = printableJson(line);
  if (typeof safe !== 'object' || safe === null || !('msg' in safe)) return safe;
  return { ...safe, msg: printableLine(String(safe.msg)) };
}
