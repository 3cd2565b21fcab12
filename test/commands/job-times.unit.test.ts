import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Answer } from '../../src/catalog/execute.js';
import { GatewayError, RejectedError } from '../../src/errors/errors.js';
import type { Job } from '../../src/jobs/job.js';
import { Jobs } from '../../src/jobs/jobs.js';
import type { JobsOptions } from '../../src/jobs/jobs.js';

const MINUTE = 60_000;
const QUIET_MS = 30;

/** The answer of a command, which the test gives. */
class PendingAnswer {
  resolve: (answer: Answer) => void = () => undefined;
  reject: (error: Error) => void = () => undefined;
  readonly promise = new Promise<Answer>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** One update at a time, by hand. */
class Bench {
  readonly told: Job[] = [];
  listening = 0;
  readonly jobs: Jobs;
  answer = new PendingAnswer();
  #count = 0;

  constructor(options: Partial<JobsOptions> = {}) {
    this.jobs = new Jobs({
      studio: 'studio',
      listen: () => {
        this.listening += 1;
        return Promise.resolve(() => void (this.listening -= 1));
      },
      onChange: (job) => void this.told.push(job),
      quietMs: QUIET_MS,
      ...options,
    });
  }

  async start(isFollowed = true): Promise<string> {
    const answer = new PendingAnswer();
    answer.promise.catch(() => undefined);
    const invocation = {
      name: 'UpdateFirmware',
      command: undefined,
      arguments: { DeviceId: 1, FwPath: 'suit.bin' },
      trackId: `track-${(this.#count += 1)}`,
    };
    const { job } = await this.jobs.start(
      { invocation, startedBy: 'anna', isFollowed },
      () => answer.promise,
    );
    this.answer = answer;
    return job.id;
  }

  ok(): void {
    this.answer.resolve({ response: undefined, bytes: undefined });
  }

  event(topic: string, percent?: number, error?: string): void {
    this.jobs.onEvent({ topic, percent, error });
  }

  get last(): Job {
    return this.told.at(-1)!;
  }
}

function timeout(): GatewayError {
  return new GatewayError('Timeout', 'The studio did not answer.', { outcome: 'no-answer' });
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a studio that says nothing more', () => {
  test('a studio that says nothing more has done its work when it answers and publishes no events at all', async () => {
    const bench = new Bench();
    await bench.start();
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(bench.last).toMatchObject({ state: 'running' });
    bench.ok();
    await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
    expect(bench.last).toMatchObject({ state: 'running' });
    await vi.advanceTimersByTimeAsync(1);
    expect(bench.last).toMatchObject({ state: 'done', percent: null, error: null, code: null });
  });

  test('in the middle of an update leaves nobody knowing how it ended', async () => {
    const bench = new Bench();
    await bench.start();
    bench.ok();
    await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
    bench.event('Progress', 10);
    await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
    bench.event('Progress', 10);
    await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
    expect(bench.last).toMatchObject({ state: 'running', percent: 10 });
    await vi.advanceTimersByTimeAsync(1);
    expect(bench.last).toMatchObject({ state: 'failed', percent: 10, code: null });
    expect(bench.last.error).toContain('silent');
  });

  test('after a command that got no answer fails with what the command failed with', async () => {
    const bench = new Bench();
    await bench.start();
    bench.answer.reject(timeout());
    await vi.advanceTimersByTimeAsync(QUIET_MS - 1);
    expect(bench.last).toMatchObject({ state: 'running', error: null });
    await vi.advanceTimersByTimeAsync(1);
    expect(bench.last).toMatchObject({
      state: 'failed',
      code: 'Timeout',
      error: 'The studio did not answer.',
    });
  });

  test('a studio that says nothing more is waited for as long as its answer is, however long its events pause', async () => {
    const bench = new Bench();
    await bench.start();
    bench.event('Progress', 50);
    await vi.advanceTimersByTimeAsync(100 * QUIET_MS);
    expect(bench.last).toMatchObject({ state: 'running', percent: 50 });
  });

  test('a studio that says nothing more does not keep the next update from running for ever', async () => {
    const bench = new Bench();
    await bench.start();
    await expect(bench.start()).rejects.toMatchObject({ code: 'Busy', outcome: 'not-sent' });
    bench.ok();
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    await bench.start();
    expect(bench.last).toMatchObject({ state: 'running', trackId: 'track-3' });
  });
});

describe('events and answers', () => {
  test('that come after the end change nothing', async () => {
    const bench = new Bench();
    await bench.start();
    bench.event('Done');
    expect(bench.last).toMatchObject({ state: 'done', percent: 100 });
    const count = bench.told.length;
    bench.event('Progress', 5);
    bench.event('Failure', 5, 'late');
    bench.answer.reject(timeout());
    await vi.advanceTimersByTimeAsync(10 * QUIET_MS);
    expect(bench.told).toHaveLength(count);
  });

  test('of an update that ended do not end the next one', async () => {
    const bench = new Bench();
    await bench.start();
    const first = bench.answer;
    bench.event('Done', 100);
    await bench.start();
    first.resolve({ response: undefined, bytes: undefined });
    await vi.advanceTimersByTimeAsync(10 * QUIET_MS);
    expect(bench.last).toMatchObject({ state: 'running', trackId: 'track-2' });
  });

  test('events and answers tell why it failed, also when the studio does not', async () => {
    const bench = new Bench();
    await bench.start();
    bench.event('Progress', 30);
    bench.event('Failure');
    expect(bench.last).toMatchObject({ state: 'failed', percent: 30, code: null });
    expect(bench.last.error).not.toBe('');
    expect(bench.last.error).not.toBeNull();
  });

  test('that no update waits for belong to no update', () => {
    const bench = new Bench();
    bench.event('Progress', 10);
    bench.event('Done', 100);
    expect(bench.told).toEqual([]);
  });

  test('a command that the studio rejected ends its job at once', async () => {
    const bench = new Bench();
    await bench.start();
    bench.answer.reject(new RejectedError('Device not updatable', undefined));
    await vi.advanceTimersByTimeAsync(0);
    expect(bench.last).toMatchObject({ state: 'failed', code: 'Device not updatable' });
    expect(bench.last.endedAt).not.toBeNull();
  });

  test('events and answers are listened to as long as an update runs', async () => {
    const bench = new Bench();
    await bench.start();
    expect(bench.listening).toBe(1);
    bench.event('Done', 100);
    expect(bench.listening).toBe(0);
  });

  test('that cannot be had do not leave the gateway busy', async () => {
    const listen = vi.fn<JobsOptions['listen']>().mockRejectedValueOnce(new Error('no'));
    const bench = new Bench({ listen: listen.mockResolvedValue(() => undefined) });
    await expect(bench.start()).rejects.toThrow('no');
    await bench.start();
    expect(bench.last).toMatchObject({ state: 'running' });
  });
});

describe('an update that was answered and of which no event told', () => {
  /** One that a caller waited for, and got the answer of. */
  async function answered(bench: Bench): Promise<string> {
    const id = await bench.start(false);
    bench.ok();
    await vi.advanceTimersByTimeAsync(0);
    return id;
  }
  const stateOf = (bench: Bench, id: string): string | undefined => bench.jobs.get(id)?.state;

  test('an update that was answered and of which no event told is over when the studio takes the next', async () => {
    const bench = new Bench();
    const first = await answered(bench);
    const second = await bench.start(false);
    expect([stateOf(bench, first), stateOf(bench, second)]).toEqual(['running', 'running']);
    bench.ok();
    await vi.advanceTimersByTimeAsync(0);
    expect([stateOf(bench, first), stateOf(bench, second)]).toEqual(['done', 'running']);
    bench.event('Done', 100);
    expect(stateOf(bench, second)).toBe('done');
    expect(bench.listening).toBe(0);
  });

  test('an update that was answered and of which no event told goes on when the studio does not take the next', async () => {
    const bench = new Bench();
    const first = await answered(bench);
    const second = await bench.start(false);
    bench.answer.reject(new RejectedError('Busy', undefined));
    await vi.advanceTimersByTimeAsync(0);
    expect([stateOf(bench, first), stateOf(bench, second)]).toEqual(['running', 'failed']);
    bench.event('Progress', 40);
    expect(bench.jobs.get(first)).toMatchObject({ state: 'running', percent: 40 });
    await expect(bench.start(false)).rejects.toMatchObject({ code: 'Busy' });
  });

  test.each(['Progress', 'Failure'])(
    'an update that was answered and of which no event told leaves a %s that comes meanwhile to the next',
    async (topic) => {
      const bench = new Bench();
      const first = await answered(bench);
      const second = await bench.start(false);
      bench.event(topic, 40);
      expect(stateOf(bench, first)).toBe('running');
      expect(bench.jobs.get(second)).toMatchObject({ percent: 40 });
    },
  );

  test('an update that was answered and of which no event told holds the next while it is followed as a job', async () => {
    const bench = new Bench();
    await bench.start();
    bench.ok();
    await vi.advanceTimersByTimeAsync(0);
    await expect(bench.start(false)).rejects.toMatchObject({ code: 'Busy', outcome: 'not-sent' });
  });

  test('an update that was answered and of which no event told is done after its quiet time, also behind another', async () => {
    const bench = new Bench();
    const first = await answered(bench);
    const second = await bench.start(false);
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    expect([stateOf(bench, first), stateOf(bench, second)]).toEqual(['done', 'running']);
    bench.jobs.close();
  });
});

describe('progress without a percentage', () => {
  test('progress without a percentage is progress: a silence behind it is no end', async () => {
    const bench = new Bench();
    await bench.start(false);
    bench.event('Progress');
    bench.ok();
    await vi.advanceTimersByTimeAsync(0);
    await expect(bench.start(false)).rejects.toMatchObject({ code: 'Busy' });
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    expect(bench.last).toMatchObject({ state: 'failed', percent: null });
  });
});

describe('a job is kept', () => {
  test('for an hour after its end', async () => {
    const bench = new Bench();
    const id = await bench.start();
    await vi.advanceTimersByTimeAsync(30 * MINUTE);
    bench.event('Done', 100);
    await vi.advanceTimersByTimeAsync(59 * MINUTE);
    expect(bench.jobs.get(id)).toEqual(bench.last);
    expect(bench.jobs.all).toEqual([bench.last]);
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(bench.jobs.get(id)).toBeUndefined();
    expect(bench.jobs.all).toEqual([]);
  });

  test('a job is kept as long as it runs, however long that is', async () => {
    const bench = new Bench();
    const id = await bench.start();
    await vi.advanceTimersByTimeAsync(300 * MINUTE);
    expect(bench.jobs.get(id)).toMatchObject({ state: 'running' });
  });

  test('among the newest thousand', async () => {
    const bench = new Bench({ keepMs: 60 * MINUTE });
    const ids: string[] = [];
    for (let count = 0; count < 1005; count += 1) {
      ids.push(await bench.start());
      bench.event('Done', 100);
    }
    expect(bench.jobs.all.map(({ id }) => id)).toEqual(ids.slice(5));
  });

  test('a job is kept as long as the gateway is told to', async () => {
    const bench = new Bench({ keepMs: 50 });
    const id = await bench.start();
    bench.event('Done', 100);
    await vi.advanceTimersByTimeAsync(50);
    expect(bench.jobs.get(id)).toBeDefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(bench.jobs.get(id)).toBeUndefined();
  });
});

test('closing ends the timer and leaves the job as it is', async () => {
  const bench = new Bench();
  await bench.start();
  bench.ok();
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(1);
  bench.jobs.close();
  expect(vi.getTimerCount()).toBe(0);
  expect(bench.last).toMatchObject({ state: 'running' });
});
