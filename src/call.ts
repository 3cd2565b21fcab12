/** `rcsp-gateway call`: one command through a running gateway, for scripts. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { commandByName } from './catalog/index.js';

/** What a script can trust. */
export const EXIT = {
  ok: 0,
  /** The studio, or the gateway, refused the command. */
  refused: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** Nothing was sent to the studio: safe to repeat. */
  notSent: 3,
  /** No good answer: the command may have run. */
  noAnswer: 4,
} as const;

export interface CallOptions {
  readonly url: string;
  /** Seconds. */
  readonly wait?: number | undefined;
  readonly version?: number | undefined;
}

export interface CallResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const Problem = z.object({ code: z.string(), detail: z.string().catch(''), outcome: z.string().optional() });

/** `pairs` are `key=value`. Never throws: what fails is told in `stderr`, in one line. */
export async function call(
  name: string,
  pairs: readonly string[],
  options: CallOptions,
): Promise<CallResult> {
  let body: string;
  try {
    body = JSON.stringify({ Arguments: parseArguments(name, pairs), Version: options.version });
  } catch (error) {
    return failed(EXIT.usage, (error as Error).message);
  }
  try {
    const response = await fetch(new URL(`v1/commands/${encodeURIComponent(name)}`, withSlash(options.url)), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(options.wait !== undefined && { prefer: `wait=${options.wait}` }),
      },
      body,
    });
    const text = await response.text();
    return response.ok
      ? { exitCode: EXIT.ok, stdout: text && `${text}\n`, stderr: '' }
      : refused(response, text);
  } catch (error) {
    return failed(EXIT.notSent, `no gateway at ${options.url}: ${reasonOf(error)}`);
  }
}

/** A value is text where the command wants text, else JSON, else text; `@path` reads a file, `@-` standard input. */
export function parseArguments(name: string, pairs: readonly string[]): Record<string, unknown> {
  const shape = commandByName.get(name)?.arguments.shape ?? {};
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new Error(`"${pair}" is not key=value`);
      const key = pair.slice(0, at);
      return [key, parseValue(key, pair.slice(at + 1), shape[key])];
    }),
  );
}

function parseValue(key: string, text: string, field: unknown): unknown {
  if (field instanceof z.ZodString || field instanceof z.ZodEnum) return text;
  if (text.startsWith('@')) return readJson(key, text.slice(1));
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function readJson(key: string, path: string): unknown {
  try {
    return JSON.parse(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch (error) {
    throw new Error(`${key}: ${path} cannot be read as JSON: ${(error as Error).message}`, { cause: error });
  }
}

function refused(response: Response, text: string): CallResult {
  const problem = Problem.safeParse(safeJson(text)).data;
  if (problem === undefined)
    return failed(EXIT.noAnswer, `unexpected answer ${response.status}, is this a gateway?`);
  const trackId = response.headers.get('x-track-id') ?? 'no track id';
  const outcome = problem.outcome ?? 'refused';
  const exitCode =
    problem.outcome === 'no-answer' ? EXIT.noAnswer : response.status >= 503 ? EXIT.notSent : EXIT.refused;
  return failed(exitCode, `${problem.code}: ${problem.detail} (${response.status}, ${outcome}, ${trackId})`);
}

function failed(exitCode: number, message: string): CallResult {
  return { exitCode, stdout: '', stderr: `rcsp-gateway: ${message.replaceAll(/\s+/g, ' ')}\n` };
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/** `fetch` hides why it failed in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return error.message;
}
