/**
 * `npm run bench [-- fan-out commands decoder start studios edge page] [--quick] [--json <file>]`: measures, prints tables, and in the end
 * one of goals. `test/bench/summary.js <file>` makes the short table of `docs/performance.md` of the JSON.
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { commands } from './commands.js';
import { decoder } from './decoder.js';
import { edge } from './edge.js';
import { fanOut } from './fan-out.js';
import { table } from './lib/stats.js';
import { page } from './page.js';
import { start } from './start.js';
import { studios } from './studios.js';

const BENCHMARKS = { 'fan-out': fanOut, commands, decoder, start, studios, edge, page };

/** Open files of a process that holds three groups of 5,000 clients. */
const MOST_FILES = 15_200;

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const jsonAt = args.indexOf('--json') + 1;
const named = args.filter((arg, i) => !arg.startsWith('--') && i !== (jsonAt || -1));
const unknown = named.find((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown !== undefined) {
  print(`There is no benchmark ${unknown}: ${Object.keys(BENCHMARKS).join(', ')}`);
  process.exit(2);
}

const openFiles = Number(process.report.getReport().userLimits.open_files.soft) || Infinity;
const [{ model }] = os.cpus();
const machine = `Node ${process.version}, ${os.availableParallelism()} cores, ${model.trim()}, ${os.platform()} ${os.release()}`;
print(machine);
print('Each figure: median (least to most) of the rounds of one run; what is compared takes turns.');

if (openFiles < MOST_FILES) {
  print(`Open files are limited to ${openFiles}: \`ulimit -n ${MOST_FILES}\` allows all of it.`);
}

const started = performance.now();
const goals = [];
for (const name of named.length > 0 ? named : Object.keys(BENCHMARKS)) {
  const result = await BENCHMARKS[name]({ quick, openFiles });
  print(`\n### ${result.title}`);
  for (const part of result.parts) print(`\n${part}`);
  goals.push(...result.goals);
}
if (jsonAt > 0) writeFileSync(args[jsonAt], JSON.stringify({ machine, goals }, undefined, 2));
print('\n### Goals\n');
print(
  table(
    ['goal', 'bound', 'measured', '', 'state'],
    goals.map(({ text, kind, bound, measured, verdict, state = '' }) => [
      text,
      `${kind} ${bound}`,
      measured,
      verdict,
      state,
    ]),
  ),
);
print(`\n${Math.round((performance.now() - started) / 1000)} s`);

function print(line) {
  process.stdout.write(`${line}\n`);
}
