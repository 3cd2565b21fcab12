import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from '../src/catalog/execute.js';
import type { CommandListener } from '../src/commands/dispatcher.js';
import type { Job } from '../src/jobs/job.js';

/** What an HTTP request says of how its command is to be run. */
export interface CommandOptions {
  /** Milliseconds that it may take; undefined for the command's own time. */
  readonly timeoutMs: number | undefined;
  readonly trackId: string;
}

/**
 * Runs a command for an HTTP request: `dispatch` hands it to the dispatcher. Answers with the studio's own bytes, with a
 * job, or with the problem; a command that came as far as this has its audit line from its permit.
 */
export function runCommand(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  dispatch: (options: CommandOptions, listener: CommandListener) => void,
): void {
  const preferences = preferencesOf(
    request.headers['prefer'],
    app.studios.default.upstream.commands.maxTimeoutMs / 1000,
  );
  const { wait } = preferences;
  const timeoutMs = wait === undefined ? undefined : wait * 1000;
  dispatch({ timeoutMs, trackId: request.id }, new HttpCommand(app, request, reply, preferences));
}

/** A command that an HTTP request waits for. */
class HttpCommand implements CommandListener {
  readonly #app: FastifyInstance;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;
  readonly #preferences: Preferences;
  readonly #started = performance.now();
  #isJob = false;

  constructor(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, preferences: Preferences) {
    this.#app = app;
    this.#request = request;
    this.#reply = reply;
    this.#preferences = preferences;
  }

  get isFollowed(): boolean {
    return this.#preferences.isAsync;
  }

  onJob(job: Job): void {
    if (!this.isFollowed) return;
    this.#isJob = true;
    applied(this.#preferences, true, this.#reply);
    this.#app
      .setApiHeaders(this.#reply)
      .headers({ 'server-timing': this.#timing(), location: `${this.#request.prefix}/v1/jobs/${job.id}` });
    void this.#reply.code(202).send(job);
  }

  onEnd(error: unknown, answer: Answer | undefined): void {
    // A job reports its own failure.
    if (this.#isJob) return;
    if (this.#preferences !== NONE) applied(this.#preferences, false, this.#reply);
    if (answer !== undefined) return this.#send(answer);
    this.#reply.header('server-timing', this.#timing());
    this.#app.errorHandler(error, this.#request, this.#reply);
  }

  /** Writes the head at once: a read's answer is most of what the gateway does, and has no other headers. */
  #send({ bytes }: Answer): void {
    const [app, reply, timing] = [this.#app, this.#reply, this.#timing()];
    if (bytes === undefined)
      return void app.setApiHeaders(reply).header('server-timing', timing).code(204).send();
    if (app.lifecycle.isEnding || Object.keys(reply.getHeaders()).length > 0) {
      return void app
        .setApiHeaders(reply)
        .headers({ 'content-type': JSON_TYPE, 'server-timing': timing })
        .send(bytes);
    }
    reply.hijack();
    app.writeApiHead(reply, timing, bytes.length);
    // Text leaves in one piece with the head; Latin-1 keeps each byte as it is.
    if (bytes.length <= MAX_TEXT) reply.raw.end(bytes.toString('latin1'), 'latin1');
    else reply.raw.end(bytes);
  }

  #timing(): string {
    return timingOf(performance.now() - this.#started);
  }
}

/** Bytes of an answer up to which one copy more costs less than one piece more. */
const MAX_TEXT = 4096;

/** By hundredths of a millisecond: most commands take few of them. */
const TIMINGS = new Array<string | undefined>(10_000);

/** `Server-Timing` of so many milliseconds. */
function timingOf(ms: number): string {
  const hundredths = Math.round(ms * 100);
  const timing = TIMINGS[hundredths] ?? `rcsp;dur=${(hundredths / 100).toFixed(2)}`;
  if (hundredths < TIMINGS.length) TIMINGS[hundredths] = timing;
  return timing;
}

const JSON_TYPE = 'application/json; charset=utf-8';

interface Preferences {
  /** Seconds that the command may take. */
  readonly wait: number | undefined;
  /** Long work is to be followed as a job. */
  readonly isAsync: boolean;
}

const NONE: Preferences = { wait: undefined, isAsync: false };

/** `Prefer` (RFC 7240), `maxSeconds` at most. An unreadable preference is ignored. */
function preferencesOf(header: string | readonly string[] | undefined, maxSeconds: number): Preferences {
  if (header === undefined) return NONE;
  const preferences = String(header).split(',');
  let wait: number | undefined;
  for (const each of preferences) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(each) ?? [];
    if (seconds !== undefined && Number(seconds) > 0) wait ??= Math.min(Number(seconds), maxSeconds);
  }
  return { wait, isAsync: preferences.some((each) => /^\s*respond-async\s*(?:;.*)?$/i.test(each)) };
}

function applied({ wait, isAsync }: Preferences, isJob: boolean, reply: FastifyReply): void {
  const applied = [
    ...(wait === undefined ? [] : [`wait=${wait}`]),
    ...(isAsync && isJob ? ['respond-async'] : []),
  ];
  if (applied.length > 0) reply.header('preference-applied', applied.join(', '));
}
