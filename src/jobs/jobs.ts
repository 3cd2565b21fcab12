import { randomUUID } from 'node:crypto';
import { isKnown, problemOf } from '../problem.js';
import { GatewayError } from '../errors.js';
import type { Answer, Invocation } from '../catalog/execute.js';
import type { Job } from './job.js';

export interface JobsOptions {
  /** Sees to it that the studio's events of updates arrive, as long as one runs; the answer ends that. */
  readonly listen: () => Promise<() => void>;
  readonly onChange: (job: Job) => void;
  /** Milliseconds without a word from the studio, after its answer, until an update counts as over. */
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

export interface StartedJob {
  readonly job: Job;
  readonly answer: Promise<Answer>;
}

const QUIET_MS = 120_000;
const KEEP_MS = 3_600_000;
/** Jobs remembered at most; the oldest go first. */
const MAX_JOBS = 1000;

/**
 * Firmware updates, one at a time: their events name no device, so a second one could not be told from the first.
 * A studio may answer at the start of an update or at its end; either way its events say how it went.
 */
export class Jobs {
  readonly #options: JobsOptions;
  /** Oldest first. */
  readonly #jobs = new Map<string, Job>();
  #running: Run | undefined;
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
    invocation: Invocation,
    startedBy: string,
    execute: (invocation: Invocation) => Promise<Answer>,
  ): Promise<StartedJob> {
    if (this.#isStarting || this.#running !== undefined) throw busy(this.#running?.job);
    this.#isStarting = true;
    this.#forget();
    try {
      // The first events may follow the command closely.
      const unlisten = await this.#options.listen();
      const run = new Run(newJob(invocation, startedBy), {
        quietMs: this.#options.quietMs ?? QUIET_MS,
        onChange: (job) => this.#tell(job),
        onEnd: () => {
          this.#running = undefined;
          unlisten();
        },
      });
      this.#running = run;
      this.#tell(run.job);
      const answer = execute(invocation);
      answer.then(
        () => run.onAnswer(),
        (error: unknown) => run.onFailure(error),
      );
      return { job: run.job, answer };
    } finally {
      this.#isStarting = false;
    }
  }

  onEvent(event: UpdateEvent): void {
    this.#running?.onEvent(event);
  }

  /** Ends the timer; what runs at the studio goes on. */
  close(): void {
    this.#running?.close();
  }

  #tell(job: Job): void {
    this.#jobs.set(job.id, job);
    this.#options.onChange(job);
  }

  #forget(): void {
    const oldest = Date.now() - (this.#options.keepMs ?? KEEP_MS);
    for (const [id, { endedAt }] of this.#jobs) {
      const isOver = endedAt !== null && (endedAt < oldest || this.#jobs.size > MAX_JOBS);
      if (isOver) this.#jobs.delete(id);
    }
  }
}

interface RunOptions {
  readonly quietMs: number;
  readonly onChange: (job: Job) => void;
  readonly onEnd: () => void;
}

/** The update that runs. */
class Run {
  job: Job;
  readonly #options: RunOptions;
  #quiet: NodeJS.Timeout | undefined;
  #isAnswered = false;
  /** What the command itself failed with, when that does not say how the update goes. */
  #failure: { error: string; code: string } | undefined;

  constructor(job: Job, options: RunOptions) {
    this.job = job;
    this.#options = options;
  }

  onEvent({ topic, percent, error }: UpdateEvent): void {
    if (this.job.state !== 'running') return;
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

  /** An update that was never begun is over; of any other one, the events still tell. */
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

  /** Before the answer, the command's own patience counts. */
  #await(): void {
    clearTimeout(this.#quiet);
    if (!this.#isAnswered || this.job.state !== 'running') return;
    this.#quiet = setTimeout(() => this.#onQuiet(), this.#options.quietMs);
  }

  /** A studio that answers at the end and publishes nothing has done its work. */
  #onQuiet(): void {
    if (this.#failure === undefined && this.job.percent === null) return this.#end({ state: 'done' });
    const error = 'The studio fell silent: nobody knows how the update ended.';
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

function newJob({ name, arguments: { DeviceId: deviceId }, trackId }: Invocation, startedBy: string): Job {
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
