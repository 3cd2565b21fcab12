import pino from 'pino';
import type { BaseLogger, DestinationStream, Logger as PinoLogger } from 'pino';
import pretty from 'pino-pretty';
import { MAX_DEPTH } from './client-json.js';

/** What the parts of the gateway log to. */
export type Logger = Pick<BaseLogger, 'level' | 'debug' | 'info' | 'warn' | 'error'>;

const SECRET = /^(psk|password|passphrase|secret|token|ticket|authorization)$/i;

/** A copy fit for a log: whatever a secret's name stands for is masked, and so is what is nested too deeply. */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.map((each) => redacted(each, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      SECRET.test(key) ? '[secret]' : redacted(each, depth + 1),
    ]),
  );
}

export interface LogOptions {
  readonly logLevel: string;
  /** `auto` is `pretty` on a terminal, otherwise `json`. */
  readonly logFormat: 'auto' | 'pretty' | 'json';
}

/** Logs go to standard error: standard output is for what a person or a script asked for. */
export function createLogger({ logLevel, logFormat }: LogOptions): PinoLogger {
  const readable = logFormat === 'pretty' || (logFormat === 'auto' && process.stderr.isTTY);
  const stream: DestinationStream = readable
    ? pretty({
        destination: 2,
        sync: true,
        singleLine: true,
        ignore: 'pid,hostname',
        translateTime: 'SYS:HH:MM:ss.l',
      })
    : pino.destination(2);
  return pino({ level: logLevel }, stream);
}
