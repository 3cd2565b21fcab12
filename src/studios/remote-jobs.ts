import { answerOf } from '../catalog/execute.js';
import type { Answer, CommandInvocation } from '../catalog/execute.js';
import { job } from '../jobs/job.js';
import type { Job } from '../jobs/job.js';
import { Jobs, newJob } from '../jobs/jobs.js';
import type { JobRequest, StartedJob } from '../jobs/jobs.js';
import type { EdgeCommands } from '../upstreams/nats/edge-commands.js';

/** Jobs remembered at most; the oldest go first. */
const MAX_JOBS = 1000;
/** Milliseconds that a job is remembered after its end. */
const KEEP_MS = 3_600_000;
/** Milliseconds for the origin to say that an update has begun. */
const START_MS = 10_000;

/** The jobs of a studio that is reached over NATS: they run at its origin, which tells how they go. */
export class RemoteJobs extends Jobs {
  readonly #exchange: EdgeCommands;
  readonly #told = new Map<string, Job>();

  constructor(studio: string, exchange: EdgeCommands, onChange: (job: Job) => void) {
    super({ studio, listen: () => Promise.resolve(() => undefined), onChange });
    this.#exchange = exchange;
  }

  override get all(): readonly Job[] {
    const oldest = Date.now() - KEEP_MS;
    const told = [...this.#told.values()].filter(({ endedAt }) => endedAt === null || endedAt >= oldest);
    return [...super.all, ...told].sort((a, b) => a.startedAt - b.startedAt);
  }

  override get(id: string): Job | undefined {
    return this.all.find((each) => each.id === id);
  }

  /** A change that the origin told. */
  onTold(data: unknown): void {
    const told = job.safeParse(data).data;
    if (told === undefined) return;
    this.#told.delete(told.id);
    this.#told.set(told.id, told);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MAX_JOBS && oldest !== undefined) this.#told.delete(oldest);
  }

  /** @throws GatewayError of the origin, `Busy` among them */
  override async start(
    { invocation, startedBy, isFollowed }: JobRequest,
    execute: (invocation: CommandInvocation) => Promise<Answer>,
  ): Promise<StartedJob> {
    // Who waits for the answer is told of no job before it.
    if (!isFollowed) return { job: newJob(invocation, startedBy), answer: execute(invocation) };
    const { name, arguments: args, version, trackId, asker } = invocation;
    const { response, status } = await this.#exchange.exchange({
      name,
      argumentsJson: JSON.stringify(args),
      version,
      timeoutMs: START_MS,
      trackId,
      asker: { subject: startedBy, scope: 'read', ...asker, isFollowing: true },
    });
    const started = job.safeParse(response).data;
    const answer = answerOf((end) => end(undefined, { response: undefined, bytes: undefined }));
    if (status !== 202 || started === undefined) return { job: newJob(invocation, startedBy), answer };
    this.onTold(started);
    return { job: started, answer };
  }
}
