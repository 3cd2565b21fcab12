/** Simulated studios in one process, as many as the argument says; nothing happens in them by itself. */
import { answer } from '../lib/child.js';
import { Simulator } from '../../../dist/src/simulator/simulator.js';

const simulators = Array.from(
  { length: Number(process.argv[2]) },
  (_, i) => new Simulator({ events: false, seed: i + 1 }),
);
const ports = [];
for (const each of simulators) ports.push((await each.listen()).port);

answer({ ports: () => ports });
