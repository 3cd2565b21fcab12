import { randomUUID } from 'node:crypto';
import { isKnown, problemOf } from '../errors/problem-of.js';
import { GatewayError } from '../errors/errors.js';
import type { Answer, CommandInvocation } from '../catalog/execute.js';
import type { Job } from './job.js';

export interface JobsOptions {
  /** The name of the studio whose updates they are. */
  readonly studio: string;
  /** Sees to it that the studio's events of updates arrive, as long as one runs; the answer ends that. */
  readonly listen: () => Promise<() => void>;
  readonly onChange: (job: Job) => void;
  /** Milliseconds without an event of the studio, after its answer, until an update counts as over. */
  readonly quietMs?: number;
  /** Milliseconds that a job is remembered after its end. */
  readonly keepMs?: number;
}

/** One of `UpdateFwEvents`. */
export interface UpdateEvent {
  readonly topic: string;
  readonly percent: number | undefined;
  readonly error: string | undefined;
}

/** A firmware update that is to be started. */
export interface JobRequest {
  readonly invocation: CommandInvocation;
  readonly startedBy: string;
  /** The caller does not wait for the answer: only the studio's events tell when the update is over. */
  readonly isFollowed: boolean;
}

/** Work of a light array. */
export interface FollowedWork {
  readonly command: string;
  readonly node: string;
  readonly startedBy: string;
  readonly trackId: string;
}

export interface StartedJob {
  readonly job: Job;
  readonly answer: Promise<Answer>;
}

const QUIET_MS = 120_000;
const KEEP_MS = 3_600_000;
/** Jobs remembered at most; those that ended first go first. */
const MAX_JOBS = 1000;

/**
 * Long work. Firmware updates, one at a time: their events name no device, so a second one could not be told from the first.
 * A studio may answer at the start of an update or at its end; either way its events say how it went. One that was
 * answered to somebody who waited for that, and of which no event told, may be over: the studio itself knows
 * whether it takes the next.
 */
export class Jobs {
  readonly #options: JobsOptions;
  /** Oldest first. */
  readonly #jobs = new Map<string, Job>();
  /** When each ended, by the monotonic clock; the first to end comes first. */
  readonly #endedAt = new Map<string, number>();
  /** Those that run, the newest last; it alone has no answer yet, or events. */
  readonly #runs = new Set<Run>();
  #isStarting = false;

  constructor(options: JobsOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  get all(): readonly Job[] {
    this.#forget();
    return [...this.#jobs.values()];
  }

  get(id: string): Job | undefined {
    this.#forget();
    return this.#jobs.get(id);
  }

  /** @throws GatewayError `Busy` while another update runs */
  async start(
    request: JobRequest,
    execute: (invocation: CommandInvocation) => Promise<Answer>,
  ): Promise<StartedJob> {
    if (this.#isStarting) throw busy(undefined);
    this.#assertNoneRuns();
    this.#isStarting = true;
    this.#forget();
    try {
      // The first events may follow the command closely.
      const unlisten = await this.#options.listen();
      const run = this.#open(request, unlisten);
      const answer = execute(request.invocation);
      answer.then(
        () => this.#onAnswer(run),
        (error: unknown) => run.onFailure(error),
      );
      return { job: run.job, answer };
    } finally {
      this.#isStarting = false;
    }
  }

  /** Work that its own answer ends; any number at once. */
  follow(work: FollowedWork, answer: Promise<unknown>): Job {
    this.#forget();
    const { command: name, node, trackId, startedBy } = work;
    const job = { ...newJob({ name, arguments: {}, trackId }, startedBy), node };
    this.#tell(job);
    answer.then(
      () => this.#tell({ ...job, state: 'done', endedAt: Date.now() }),
      (cause: unknown) => {
        const { detail: error, code, outcome } = problemOf(cause);
        this.#tell({ ...job, state: 'failed', error, code, outcome, endedAt: Date.now() });
      },
    );
    return job;
  }

  onEvent(event: UpdateEvent): void {
    [...this.#runs].at(-1)?.onEvent(event);
  }

  /** Ends the timers; what runs at the studio goes on. */
  close(): void {
    for (const run of this.#runs) run.close();
  }

  #open(request: JobRequest, unlisten: () => void): Run {
    const run = new Run(request, this.#options.studio, {
      quietMs: this.#options.quietMs ?? QUIET_MS,
      onChange: (job) => this.#tell(job),
      onEnd: () => {
        this.#runs.delete(run);
        unlisten();
      },
    });
    this.#runs.add(run);
    this.#tell(run.job);
    return run;
  }

  /** A studio that takes the next update is done with those before it. */
  #onAnswer(run: Run): void {
    run.onAnswer();
    if (!this.#runs.has(run)) return;
    for (const each of this.#runs) if (each !== run) each.onQuiet();
  }

  #assertNoneRuns(): void {
    for (const { holdsOthers, job } of this.#runs) if (holdsOthers) throw busy(job);
  }

  #tell(job: Job): void {
    this.#jobs.set(job.id, job);
    if (job.endedAt !== null) this.#endedAt.set(job.id, performance.now());
    this.#options.onChange(job);
  }

  #forget(): void {
    const oldest = performance.now() - (this.#options.keepMs ?? KEEP_MS);
    for (const [id, endedAt] of this.#endedAt) {
      if (endedAt >= oldest && this.#jobs.size <= MAX_JOBS) break;
      this.#jobs.delete(id);
      this.#endedAt.delete(id);
    }
  }
}

interface RunOptions {
  readonly quietMs: number;
  readonly onChange: (job: Job) => void;
  readonly onEnd: () => void;
}

/** An update that runs. */
class Run {
  job: Job;
  readonly #isFollowed: boolean;
  readonly #options: RunOptions;
  #quiet: NodeJS.Timeout | undefined;
  #isAnswered = false;
  /** The studio's events have told of it. */
  #isTold = false;
  /** What the command itself failed with, when that does not say how the update goes. */
  #failure: { error: string; code: string } | undefined;

  constructor({ invocation, startedBy, isFollowed }: JobRequest, studio: string, options: RunOptions) {
    this.job = { ...newJob(invocation, startedBy), studio };
    this.#isFollowed = isFollowed;
    this.#options = options;
  }

  /** False when it may be over, for all that is known. */
  get holdsOthers(): boolean {
    return this.#isFollowed || !this.#isAnswered || this.#isTold || this.#failure !== undefined;
  }

  onEvent({ topic, percent, error }: UpdateEvent): void {
    if (this.job.state !== 'running') return;
    this.#isTold = true;
    const told = percent ?? this.job.percent;
    if (topic === 'Done') return this.#end({ state: 'done', percent: percent ?? 100 });
    if (topic === 'Failure') {
      return this.#end({ state: 'failed', percent: told, error: error ?? 'The studio does not say why.' });
    }
    if (told !== this.job.percent) this.#change({ percent: told });
    this.#await();
  }

  onAnswer(): void {
    this.#isAnswered = true;
    this.#await();
  }

  /** An update that was not started is over; the end of any other one is told by its events. */
  onFailure(cause: unknown): void {
    this.#isAnswered = true;
    const { detail, code, outcome } = problemOf(cause);
    this.#failure = { error: detail, code };
    if (isKnown(cause) && outcome === 'no-answer') this.#await();
    else this.#end({ state: 'failed', ...this.#failure });
  }

  close(): void {
    clearTimeout(this.#quiet);
  }

  /** Before the answer, the command's own timeout counts. */
  #await(): void {
    clearTimeout(this.#quiet);
    if (!this.#isAnswered || this.job.state !== 'running') return;
    this.#quiet = setTimeout(() => this.onQuiet(), this.#options.quietMs);
  }

  /** A studio that answers at the end and publishes nothing has done its work. */
  onQuiet(): void {
    if (this.#failure === undefined && !this.#isTold) return this.#end({ state: 'done' });
    const error = 'The studio fell silent: it is not known how the update ended.';
    this.#end({ state: 'failed', ...(this.#failure ?? { error, code: null }) });
  }

  #end(news: Partial<Job>): void {
    if (this.job.state !== 'running') return;
    clearTimeout(this.#quiet);
    this.#options.onEnd();
    this.#change({ ...news, endedAt: Date.now() });
  }

  #change(news: Partial<Job>): void {
    this.job = { ...this.job, ...news };
    this.#options.onChange(this.job);
  }
}

function newJob(
  {
    name,
    arguments: { DeviceId: deviceId },
    trackId,
  }: Pick<CommandInvocation, 'name' | 'arguments' | 'trackId'>,
  startedBy: string,
): Job {
  return {
    id: randomUUID(),
    command: name,
    deviceId: typeof deviceId === 'number' ? deviceId : null,
    state: 'running',
    percent: null,
    error: null,
    code: null,
    startedBy,
    startedAt: Date.now(),
    endedAt: null,
    trackId,
  };
}

function busy(job: Job | undefined): GatewayError {
  const what = job === undefined ? 'Another update' : `${job.command} of device ${job.deviceId ?? '?'}`;
  return new GatewayError('Busy', `${what} is running, and the studio tells only of one at a time.`, {
    outcome: 'not-sent',
  });
}
