import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ANYBODY } from '../../src/access/scope.js';
import { ControlLease } from '../../src/commands/lease.js';
import { Jobs } from '../../src/jobs/jobs.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const HOUR_MS = 3_600_000;

test.each([HOUR_MS, -HOUR_MS])(
  'a wall clock that jumps by %i ms changes no Retry-After of the lease',
  (jump) => {
    const lease = new ControlLease({
      durationMs: 60_000,
      isStillAuthorized: () => true,
      onChange: () => undefined,
    });
    lease.take({ principal: ANYBODY, address: '10.0.0.1' }, false);
    vi.advanceTimersByTime(20_000);
    vi.setSystemTime(Date.now() + jump);
    expect(() => lease.take({ principal: ANYBODY, address: '10.0.0.2' }, false)).toThrow(
      expect.objectContaining({ code: 'Busy', retryAfter: 40 }),
    );
    lease.close();
  },
);

test.each([HOUR_MS * 2, -HOUR_MS * 2])('a wall clock that jumps by %i ms forgets no job', async (jump) => {
  const jobs = new Jobs({ listen: () => Promise.resolve(() => undefined), onChange: () => undefined });
  const invocation = {
    name: 'UpdateFirmware',
    command: undefined,
    arguments: { DeviceId: 1 },
    trackId: 'track-1',
  };
  await jobs.start({ invocation, startedBy: 'anna', isFollowed: true }, () => new Promise(() => undefined));
  jobs.onEvent({ topic: 'Done', percent: 100, error: undefined });
  vi.setSystemTime(Date.now() + jump);
  expect(jobs.all).toHaveLength(1);
  vi.advanceTimersByTime(HOUR_MS + 1);
  expect(jobs.all).toHaveLength(0);
  jobs.close();
});
