/** What the fan-out's figures say: tables and goals. */
import { format, goal, median, ratios, spread, table } from './stats.js';

/** Events in flight. */
export const BURST = 64;
export const SERVERS = ['gateway', 'plain ws'];

const LOAD_NOTE = `The generator is not the bottleneck where it is less busy than the server. Where neither is near 100 %, the
studio and other processes take part of the cores, and only the CPU times, which are the server's own, can be compared.`;

export function reportOf({ results, skipped, sets, stalled, idle }) {
  return {
    title: 'Fan-out: an event of 200 bytes to WebSocket clients',
    parts: [
      ...(skipped.length > 0 ? [`Left out for want of open files (\`ulimit -n\`): ${skipped} clients.`] : []),
      sizesTable(results),
      loadTable(results),
      LOAD_NOTE,
      setsTable(sets),
      stalledTable(stalled),
      idleTable(idle),
    ],
    goals: goalsOf(results, sets, stalled, idle),
  };
}

function sizesTable(results) {
  const rows = results.flatMap(({ size, ...servers }) =>
    SERVERS.map((name) => {
      const { single, burst } = servers[name];
      return [
        format(size, 0),
        name,
        spread(single.map(({ cpu }) => cpu)),
        spread(burst.map(({ cpu }) => cpu)),
        spread(
          single.map(({ perSecond }) => perSecond / 1000),
          0,
        ),
        spread(
          burst.map(({ perSecond }) => perSecond / 1000),
          0,
        ),
      ];
    }),
  );
  const head = ['clients', 'server', 'CPU µs a delivery, one event at a time', `${BURST} in flight`];
  return table([...head, '1,000 deliveries/s, one at a time', `${BURST} in flight`], rows);
}

function loadTable(results) {
  const rows = results.flatMap(({ size, perSecond, ...servers }) =>
    SERVERS.map((name) => {
      const { single, burst, latency } = servers[name];
      const percent = (of, key) => `${Math.round(100 * median(of.map((each) => each[key])))} %`;
      return [
        format(size, 0),
        name,
        `${percent(single, 'serverShare')} / ${percent(single, 'loadShare')}`,
        `${percent(burst, 'serverShare')} / ${percent(burst, 'loadShare')}`,
        format(perSecond, 0),
        percent(latency, 'share'),
        spread(latency.map(({ p50 }) => p50)),
        spread(latency.map(({ p99 }) => p99)),
      ];
    }),
  );
  const busy = ['server / generator busy, one at a time', `${BURST} in flight`];
  const head = ['clients', 'server', ...busy, 'events/s at half load', 'server busy', 'p50 ms', 'p99 ms'];
  return table(head, rows);
}

function setsTable({ differing, same }) {
  const row = (name, results) => [
    name,
    spread(results.map(({ cpu }) => cpu)),
    spread(
      results.map(({ perSecond }) => perSecond / 1000),
      0,
    ),
  ];
  return table(
    ['1,000 clients, each 3 of 20 channels', 'CPU µs a delivery', '1,000 deliveries/s'],
    [row('all the same', same), row('every one another set', differing)],
  );
}

function stalledTable(stalled) {
  const row = (name, results, waiting) => [
    name,
    spread(results.map(({ p50 }) => p50)),
    spread(results.map(({ p99 }) => p99)),
    waiting,
  ];
  return table(
    ['100 clients, 2,000 events/s', 'p50 ms', 'p99 ms', 'KiB waiting for the one'],
    [
      row('all read', stalled.without, ''),
      row('and one that reads nothing', stalled.with, spread(stalled.waiting, 0)),
    ],
  );
}

function idleTable({ clients, gateway, 'bare ws': bare }) {
  return table(
    [`${format(clients, 0)} idle clients`, 'resident KiB a client'],
    [
      ['gateway, subscribed', spread(gateway, 1)],
      ['bare ws', spread(bare, 1)],
    ],
  );
}

function goalsOf(results, sets, stalled, idle) {
  const at = results.find(({ size }) => size === 1000) ?? results[0];
  const of = (name, kind, key) => at[name][kind].map((each) => each[key]);
  const versus = (kind, key) => ratios(of('gateway', kind, key), of('plain ws', kind, key));
  const inverse = (values) => values.map((value) => 1 / value);
  const worst = Math.max(...stalled.without.map(({ p99 }) => p99));
  return [
    goal('one event, 1,000 clients: CPU beside a C program', 'most', 1.6, []),
    goal('64 in flight, 1,000 clients: deliveries/s beside a C program', 'least', 0.8, []),
    goal('one event, 1,000 clients: CPU beside plain ws', 'most', 0.5, versus('single', 'cpu')),
    goal(
      '64 in flight, 1,000 clients: deliveries a CPU second beside plain ws',
      'least',
      30,
      inverse(versus('burst', 'cpu')),
      1,
    ),
    goal('the same on the clock', 'least', 30, versus('burst', 'perSecond'), 1),
    goal(
      'differing subscriptions: CPU a delivery beside the shared case',
      'most',
      3,
      ratios(
        sets.differing.map(({ cpu }) => cpu),
        sets.same.map(({ cpu }) => cpu),
      ),
    ),
    goal(
      'one client reads nothing: p99 ms of the others, beside the worst without it',
      'most',
      Number(worst.toFixed(2)),
      stalled.with.map(({ p99 }) => p99),
    ),
    goal('the same: KiB that wait for it', 'most', 1024, stalled.waiting, 0),
    goal('idle client: memory beside bare ws', 'most', 2, ratios(idle.gateway, idle['bare ws'])),
  ];
}
