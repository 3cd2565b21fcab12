/** What the fan-out is to reach, and what was measured. */
import { FLOOR, NODE_FLOOR } from './fan-out-report.js';
import { goal, inState, ratios } from './stats.js';

const ANSWERED = 'each client has answered a ping';

export function goalsOf(results, { warmMs, modes, fast, sets, stalled, idle }) {
  const at = results.find(({ size }) => size === 1000) ?? results[0];
  return [
    ...inState(`${ANSWERED}, ${warmMs / 1000} s of warm-up`, [
      ...besideOthers(at.servers),
      ...growth(results),
    ]),
    ...inState(`${ANSWERED}, one round of warm-up`, restOf(modes, fast, sets, stalled)),
    ...inState(`${ANSWERED}, a fresh process`, [
      goal('idle client: memory beside bare ws', 'most', 1.5, ratios(idle.gateway, idle['bare ws'])),
    ]),
  ];
}

function restOf(modes, fast, sets, stalled) {
  return [
    goal(
      'one event, 1,000 clients: CPU, mode latest beside all',
      'most',
      1.1,
      ratios(modes.latest, modes.all),
    ),
    goal('one client, 20,000 events/s: p99 ms', 'most', 2, column(fast.gateway, 'p99')),
    goal(
      'differing subscriptions: CPU a delivery beside the shared case',
      'most',
      3,
      ratios(column(sets.differing, 'cpu'), column(sets.same, 'cpu')),
    ),
    ...neighbours(stalled),
  ];
}

const column = (rounds, key) => rounds.map((each) => each[key]);

function besideOthers(servers) {
  /** The reason where the other was not measured. */
  const beside = (other, kind, key) =>
    servers[other] === undefined
      ? 'there is no cc, or no Linux'
      : ratios(column(servers.gateway[kind], key), column(servers[other][kind], key));
  const inverse = beside('plain ws', 'burst', 'cpu').map((value) => 1 / value);
  return [
    goal('one event, 1,000 clients: CPU beside a C program', 'most', 1.15, beside(FLOOR, 'single', 'cpu')),
    goal(
      '64 in flight, 1,000 clients: deliveries/s beside a C program',
      'least',
      0.9,
      beside(FLOOR, 'burst', 'perSecond'),
    ),
    goal(
      'one event, 1,000 clients: CPU beside socket.write in a loop',
      'most',
      1.15,
      beside(NODE_FLOOR, 'single', 'cpu'),
    ),
    goal(
      '64 in flight, 1,000 clients: deliveries/s beside socket.write in a loop',
      'least',
      0.9,
      beside(NODE_FLOOR, 'burst', 'perSecond'),
    ),
    goal('one event, 1,000 clients: CPU beside plain ws', 'most', 0.6, beside('plain ws', 'single', 'cpu')),
    goal('64 in flight, 1,000 clients: deliveries a CPU second beside plain ws', 'least', 30, inverse, 1),
    goal('the same on the clock', 'least', 30, beside('plain ws', 'burst', 'perSecond'), 1),
  ];
}

/** More connections cost every server more: the kernel has more to look up. */
function growth(results) {
  const cpuOf = (name, size) => {
    const found = results.find((each) => each.size === size)?.servers[name];
    return found && column(found.single, 'cpu');
  };
  const growthOf = (name) => {
    const [most, usual] = [cpuOf(name, 5000), cpuOf(name, 1000)];
    return most && usual && ratios(most, usual);
  };
  const [own, floor] = [growthOf('gateway'), growthOf(FLOOR)];
  const away = '5,000 clients were left out (--quick, or `ulimit -n`)';
  return [
    goal('one event: CPU a delivery, 5,000 clients beside 1,000', 'most', 1.15, own ?? away),
    goal(
      'the same, beside how much dearer they are for a C program',
      'most',
      1.15,
      own && floor ? ratios(own, floor) : away,
    ),
  ];
}

function neighbours(stalled) {
  const worst = Math.max(...column(stalled.without, 'p99'));
  return [
    goal(
      'one client reads nothing: p99 ms of the others, beside the worst without it',
      'most',
      Number(worst.toFixed(2)),
      column(stalled.with, 'p99'),
    ),
    goal('the same: KiB that wait for it', 'most', 1024, stalled.waiting, 0),
  ];
}
