/** `rcsp-gateway call`: one command through a running gateway, for scripts. */
import { text as consume } from 'node:stream/consumers';
import { printable } from '../util/printable.js';
import { argumentsJson } from './arguments-json.js';
import { EXIT } from './exit.js';
import {
  below,
  NotSentError,
  plainError,
  problemIn,
  redirectReason,
  remoteOf,
  send,
  UntrustedError,
} from './remote.js';
import type { Remote, RemoteOptions } from './remote.js';

export interface CallOptions extends RemoteOptions {
  /** Seconds. */
  readonly wait?: number | undefined;
  readonly version?: number | undefined;
}

export interface CallResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `pairs` are `key=value`. Never throws: reports a failure as one line in `stderr`. */
export async function call(
  name: string,
  pairs: readonly string[],
  options: CallOptions,
): Promise<CallResult> {
  let body: string;
  try {
    const version = options.version === undefined ? '' : `,"Version":${options.version}`;
    body = `{"Arguments":${argumentsJson(name, pairs)}${version}}`;
  } catch (error) {
    return failed(EXIT.usage, (error as Error).message);
  }
  return request({ method: 'POST', path: `v1/commands/${encodeURIComponent(name)}`, body }, options);
}

/** One request, as it is. */
export interface RemoteRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below the gateway's URL. */
  readonly path: string;
  /** JSON. */
  readonly body?: string | undefined;
}

/** Never throws: what fails is told in `stderr`, in one line. */
export async function request(
  asked: RemoteRequest,
  options: Omit<CallOptions, 'version'>,
): Promise<CallResult> {
  let remote: Remote;
  try {
    remote = remoteOf(options);
  } catch (error) {
    return failed(EXIT.usage, (error as Error).message);
  }
  try {
    return await exchange(asked, remote, options.wait);
  } catch (error) {
    const { message } = plainError(error);
    return error instanceof UntrustedError || error instanceof NotSentError
      ? failed(EXIT.notSent, `no gateway at ${options.url}: ${message}`)
      : failed(EXIT.noAnswer, `lost the gateway at ${options.url}: ${message}`);
  }
}

async function exchange(
  { method, path, body }: RemoteRequest,
  remote: Remote,
  wait: number | undefined,
): Promise<CallResult> {
  const url = below(remote.base, path);
  const headers = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(wait !== undefined && { prefer: `wait=${wait}` }),
  };
  const response = await send(url, remote, { method, headers, body });
  const { statusCode: status = 0 } = response;
  const text = await consume(response);
  const redirect = redirectReason(url, response);
  if (redirect !== undefined) return failed(EXIT.notSent, redirect);
  return status < 300
    ? { exitCode: EXIT.ok, stdout: text && `${text}\n`, stderr: '' }
    : refused(status, text);
}

function refused(status: number, text: string): CallResult {
  const problem = problemIn(text);
  if (problem === undefined) return failed(EXIT.noAnswer, `unexpected answer ${status}; is this a gateway?`);
  const { code, detail = '', outcome = 'refused', trackId = 'no track id' } = problem;
  const exitCode = outcome === 'no-answer' ? EXIT.noAnswer : status >= 503 ? EXIT.notSent : EXIT.refused;
  return failed(exitCode, `${code}: ${detail} (${status}, ${outcome}, ${trackId})`);
}

function failed(exitCode: number, message: string): CallResult {
  return { exitCode, stdout: '', stderr: `rcsp-gateway: ${printable(message.replaceAll(/\s+/g, ' '))}\n` };
}
