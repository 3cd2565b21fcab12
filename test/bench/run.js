/** `npm run bench [-- fan-out commands decoder studios] [--quick]`: measures, and prints tables for the README. */
import os from 'node:os';
import { commands } from './commands.js';
import { decoder } from './decoder.js';
import { fanOut } from './fan-out.js';
import { table } from './lib/stats.js';
import { studios } from './studios.js';

const BENCHMARKS = { 'fan-out': fanOut, commands, decoder, studios };

/** Open files of a process that holds two groups of 5,000 clients. */
const MOST_FILES = 10_200;

const args = process.argv.slice(2);
const quick = args.includes('--quick');
const named = args.filter((arg) => !arg.startsWith('--'));
const unknown = named.find((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown !== undefined) {
  print(`There is no benchmark ${unknown}: ${Object.keys(BENCHMARKS).join(', ')}`);
  process.exit(2);
}

const openFiles = Number(process.report.getReport().userLimits.open_files.soft) || Infinity;
const [{ model }] = os.cpus();
print(
  `Node ${process.version}, ${os.availableParallelism()} cores, ${model.trim()}, ${os.platform()} ${os.release()}`,
);
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
print('\n### Goals\n');
print(
  table(
    ['goal', 'bound', 'measured', ''],
    goals.map(({ text, kind, bound, measured, verdict }) => [text, `${kind} ${bound}`, measured, verdict]),
  ),
);
print(`\n${Math.round((performance.now() - started) / 1000)} s`);

function print(line) {
  process.stdout.write(`${line}\n`);
}
