/** What the fan-out's figures say: tables and goals. */
import { goalsOf } from './fan-out-goals.js';
import { format, median, spread, table } from './stats.js';

/** Events in flight. */
export const BURST = 64;
/** The least that Node.js can do. */
export const NODE_FLOOR = 'Node, write in a loop';
/** The program in C; it is absent where there is no compiler. */
export const FLOOR = 'C, epoll';

const LOAD_NOTE = `The clients do not sleep while CPU time is taken. Where a server is not near 100 %, the studio takes part of the
cores, and only the CPU times, which are the server's own, can be compared.`;

export function reportOf({ results, skipped, warmMs, modes, fast, sets, stalled, idle }) {
  return {
    title: 'Fan-out: an event of 200 bytes to WebSocket clients',
    parts: [
      ...(skipped.length > 0 ? [`Left out for want of open files (\`ulimit -n\`): ${skipped} clients.`] : []),
      sizesTable(results),
      loadTable(results),
      LOAD_NOTE,
      modesTable(modes),
      fastTable(fast),
      setsTable(sets),
      stalledTable(stalled),
      idleTable(idle),
    ],
    goals: goalsOf(results, { warmMs, modes, fast, sets, stalled, idle }),
  };
}

function sizesTable(results) {
  const rows = results.flatMap(({ size, servers }) =>
    Object.keys(servers).map((name) => {
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
  const rows = results.flatMap(({ size, perSecond, servers }) =>
    Object.keys(servers).map((name) => {
      const { single, burst, latency } = servers[name];
      const percent = (of, key) => `${Math.round(100 * median(of.map((each) => each[key])))} %`;
      return [
        format(size, 0),
        name,
        percent(single, 'serverShare'),
        percent(burst, 'serverShare'),
        format(perSecond, 0),
        percent(latency, 'share'),
        spread(latency.map(({ p50 }) => p50)),
        spread(latency.map(({ p99 }) => p99)),
      ];
    }),
  );
  const busy = ['server busy, one at a time', `${BURST} in flight`];
  const head = ['clients', 'server', ...busy, 'events/s at half load', 'server busy', 'p50 ms', 'p99 ms'];
  return table(head, rows);
}

function modesTable({ all, latest }) {
  return table(
    ['1,000 clients, one event at a time', 'CPU µs a delivery'],
    [
      ['mode all', spread(all)],
      ['mode latest', spread(latest)],
    ],
  );
}

function fastTable(fast) {
  const rows = Object.entries(fast).map(([name, rounds]) => [
    name,
    ...['cpu', 'p50', 'p99'].map((key) => spread(rounds.map((each) => each[key]))),
  ]);
  return table(['one client, 20,000 events/s', 'CPU µs an event', 'p50 ms', 'p99 ms'], rows);
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
