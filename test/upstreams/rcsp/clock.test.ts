import { afterEach, expect, test, vi } from 'vitest';
import { failureOf, ask, startPool } from '../../support/open-pool.js';
import { until } from '../../support/gateway.js';
import { freePort } from '../../support/scripted-server.js';

const HOUR_MS = 3_600_000;

afterEach(() => void vi.restoreAllMocks());

test.each([HOUR_MS, -HOUR_MS])(
  'a wall clock that jumps by %i ms does not change Retry-After',
  async (jump) => {
    const { pool } = startPool(await freePort());
    await until(() => pool.connections.every((each) => each.state === 'waiting'));
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + jump);
    expect(await failureOf(pool.send(ask('Info')))).toMatchObject({
      code: 'Studio unreachable',
      retryAfter: 1,
    });
    expect(pool.connections[0]?.retryInMs).toBeLessThanOrEqual(10_000);
  },
);
