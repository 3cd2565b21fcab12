/** `rcsp-gateway watch`: prints events for a terminal or a script. */
import type http from 'node:http';
import { text as consume } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { backoffDelay } from '../upstreams/rcsp/backoff.js';
import { printableLine } from '../util/printable.js';
import { EXIT } from './exit.js';
import { below, plainError, problemIn, redirectReason, remoteOf, send, UntrustedError } from './remote.js';
import type { Remote, RemoteOptions } from './remote.js';
import { messageIn } from './watched-message.js';

export interface WatchOptions extends RemoteOptions {
  /** Print every message as the gateway sent it, one a line. */
  readonly json: boolean;
  /** The cursor after which to begin. */
  readonly since?: string | undefined;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** Reports gaps and the connection's state. */
  readonly say: (line: string) => void;
}

/** The gateway refused the request; a retry would fail. */
class Refused extends Error {}

/**
 * Runs until `signal`. Reconnects, resumes from the last cursor, and reports gaps.
 *
 * @returns the exit code: 0 after `signal`, 1 when the gateway refuses, 3 when its certificate is not trusted
 * @throws ConfigError
 */
export async function watch(channels: readonly string[], options: WatchOptions): Promise<number> {
  const { url, signal } = options;
  const say = (line: string): void => options.say(printableLine(line));
  const query = new URLSearchParams(channels.map((each): [string, string] => ['channel', each]));
  const remote = remoteOf(options);
  const stream = below(remote.base, `v1/events?${query.toString()}`);
  const remark = remarksTo(say);
  let { since } = options;
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      for await (const block of listen(stream, since, remote, signal)) {
        if (attempt > 0) say(`back at ${url}`);
        attempt = 0;
        since = block.id ?? since;
        for (const each of block.remarks) remark(each);
        if (block.data !== undefined) show(block.data, { ...options, say });
      }
      if (!isAborted(signal)) say(`the gateway at ${url} ended the stream; trying again`);
    } catch (error) {
      if (isAborted(signal)) break;
      if (error instanceof Refused) {
        say(error.message);
        return EXIT.refused;
      }
      if (error instanceof UntrustedError) {
        say(`no gateway at ${url}: ${error.message}`);
        return EXIT.notSent;
      }
      say(`no gateway at ${url}: ${plainError(error).message}; trying again`);
    }
    await delay(backoffDelay(attempt), undefined, { signal }).catch(() => undefined);
  }
  return 0;
}

/** A line that the stream carries as a comment is said once. */
function remarksTo(say: (line: string) => void): (line: string) => void {
  const said = new Set<string>();
  return (line) => {
    if (!said.has(line)) say(line);
    said.add(line);
  };
}

interface Block {
  /** Comments that are for people. */
  readonly remarks: readonly string[];
  readonly id: string | undefined;
  readonly data: string | undefined;
}

/** Yields the blocks of one stream; the first one, with the retry time, arrives immediately. */
async function* listen(
  url: URL,
  since: string | undefined,
  remote: Remote,
  signal: AbortSignal,
): AsyncGenerator<Block> {
  const headers = {
    accept: 'text/event-stream',
    ...(since !== undefined && { 'last-event-id': since }),
  };
  const response = await send(url, remote, { method: 'GET', headers, signal });
  if (response.statusCode !== 200) throw await refusalOf(url, response);
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response as AsyncIterable<string>) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    yield* blocks.map(parseBlock);
  }
}

/** Not every comment is a remark: some only keep the connection open. */
const REMARK = /: no channel matches now(?:;|$)/;

function parseBlock(block: string): Block {
  const lines = block.split('\n').map((line) => /^(\w*):? ?(.*)$/.exec(line) ?? []);
  const valuesOf = (name: string): string[] =>
    lines.flatMap(([, key, value = '']) => (key === name ? [value] : []));
  const data = valuesOf('data');
  const remarks = valuesOf('').filter((each) => REMARK.test(each));
  return { remarks, id: valuesOf('id').at(-1), data: data.length > 0 ? data.join('\n') : undefined };
}

async function refusalOf(url: URL, response: http.IncomingMessage): Promise<Error> {
  const text = await consume(response);
  const redirect = redirectReason(url, response);
  if (redirect !== undefined) return new Refused(redirect);
  const { statusCode = 0 } = response;
  const problem = problemIn(text);
  const message =
    problem?.detail === undefined
      ? `answer ${statusCode}; is this a gateway?`
      : `${problem.code}: ${problem.detail}`;
  // A retry may succeed: too busy, or no studio.
  return statusCode >= 500 ? new Error(message) : new Refused(message);
}

function show(data: string, { json, print, say }: WatchOptions): void {
  const message = messageIn(data);
  if (json) print(data.replaceAll('\n', ' '));
  else if (message?.op === 'event') {
    const time = new Date(message.receivedAt).toISOString().slice(11, 23);
    // Light arrays have events of another form.
    const { EventData: said = message.event } = message.event;
    print(printableLine(`${time} ${message.channel} ${JSON.stringify(said)}`));
  }
  if (message?.op === 'gap')
    say(`missed ${message.channel} from ${message.from} to ${message.to}: ${message.cause}`);
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
