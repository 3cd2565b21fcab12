import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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

describe("a lease whose holder's last WebSocket is gone", () => {
  const anna = { principal: { ...ANYBODY, key: 'anna', name: 'anna' }, address: '10.0.0.1' };
  const boris = { principal: { ...ANYBODY, key: 'boris', name: 'boris' }, address: '10.0.0.1' };

  function taken(durationMs = 60_000): { lease: ControlLease; changes: string[] } {
    const changes: string[] = [];
    const lease = new ControlLease({
      durationMs,
      isStillAuthorized: () => true,
      onChange: ({ change }) => void changes.push(change),
    });
    lease.take(anna, false);
    lease.arrive(anna);
    lease.leave(anna);
    return { lease, changes };
  }

  test('ends after 10 s', () => {
    const { changes } = taken();
    vi.advanceTimersByTime(9999);
    expect(changes).toEqual(['taken']);
    vi.advanceTimersByTime(1);
    expect(changes).toEqual(['taken', 'released']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('goes on when another one comes in time, and ends 10 s after that one', () => {
    const { lease, changes } = taken();
    vi.advanceTimersByTime(9999);
    lease.arrive(boris);
    lease.arrive(anna);
    vi.advanceTimersByTime(30_000);
    expect(changes).toEqual(['taken']);
    lease.leave(anna);
    vi.advanceTimersByTime(10_000);
    expect(changes).toEqual(['taken', 'released']);
  });

  test('goes on when it is renewed, and belongs to whoever takes it over', () => {
    const { lease, changes } = taken();
    lease.take(anna, false);
    lease.arrive(anna);
    lease.leave(anna);
    lease.take(boris, true);
    vi.advanceTimersByTime(59_999);
    expect(changes).toEqual(['taken', 'renewed', 'taken over']);
    lease.close();
  });

  test('ends sooner when its time is over', () => {
    const { changes } = taken(5000);
    vi.advanceTimersByTime(20_000);
    expect(changes).toEqual(['taken', 'expired']);
  });
});

test.each([HOUR_MS * 2, -HOUR_MS * 2])('a wall clock that jumps by %i ms forgets no job', async (jump) => {
  const jobs = new Jobs({
    studio: 'studio',
    listen: () => Promise.resolve(() => undefined),
    onChange: () => undefined,
  });
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
