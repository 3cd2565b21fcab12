/** Several studios in one process: start, memory, CPU while nothing happens, and studios that are away. */
import { setTimeout as delay } from 'node:timers/promises';
import { withChildren } from './lib/child.js';
import { format, spread, table } from './lib/stats.js';

const MANY = 50;
/** A port that nobody listens on. */
const NOWHERE = 9;

export async function studios({ quick }) {
  const rounds = quick ? 1 : 3;
  const seconds = quick ? 5 : 20;
  const one = await measured(rounds, seconds, () => 1, 0);
  const many = await measured(rounds, seconds, () => MANY, 0);
  const away = await measured(rounds, seconds, () => 1, MANY);
  const row = (name, { listening, connected, resident, idle, lines }) => [
    name,
    spread(listening, 0),
    connected.length === 0 ? '–' : spread(connected, 0),
    spread(resident, 0),
    spread(idle, 2),
    spread(lines, 0),
  ];
  const perStudio = (many.resident[0] - one.resident[0]) / (MANY - 1);
  return {
    title: `${MANY} studios behind one gateway`,
    parts: [
      table(
        ['studios', 'listens, ms', 'all connected, ms', 'resident, MiB', 'CPU while idle, %', 'log lines'],
        [row('1', one), row(`${MANY}`, many), row(`1, and ${MANY} that are away`, away)],
      ),
      `Each further studio takes ${format(perStudio, 2)} MiB.`,
    ],
    goals: [],
  };
}

async function measured(rounds, seconds, count, away) {
  const result = { listening: [], connected: [], resident: [], idle: [], lines: [] };
  for (let round = 0; round < rounds; round += 1) {
    await withChildren(async (start) => {
      const ports = await start('servers/simulators.js', [count()]).ask('ports');
      const gateway = start(
        'servers/many-studios.js',
        [...ports, ...Array.from({ length: away }, () => NOWHERE)],
        ['--expose-gc'],
      );
      result.listening.push(await gateway.ask('listening'));
      if (away === 0) result.connected.push(await gateway.ask('connected'));
      await delay(2000);
      const before = await gateway.ask('cpu');
      await delay(seconds * 1000);
      const used = (await gateway.ask('cpu')) - before;
      result.idle.push(used / seconds / 10_000);
      result.resident.push((await gateway.ask('resident')) / 2 ** 20);
      result.lines.push(await gateway.ask('lines'));
    });
  }
  return result;
}
