/**
 * `node test/bench/summary.js <file>`: writes the tables of figures anew, from the bench's JSON: ten lines in `README.md`, all
 * of it in `docs/performance.md`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { table } from './lib/stats.js';

const BETWEEN = /(<!-- figures -->\n).*(<!-- \/figures -->)/s;

/** What the short table has, by the text of the goal. */
const ROWS = [
  [
    'HTTP read, 64 in flight: requests/s beside hello-world',
    'HTTP read beside a Fastify hello-world, requests/s',
  ],
  ['the same beside a Fastify that only forwards', 'CPU of a read beside a Fastify that only forwards'],
  ['1,000 in flight: CPU a request beside 64', 'CPU of a read, 1,000 in flight beside 64'],
  ['gateway, 64 WebSockets: requests/s beside HTTP', 'command over a WebSocket beside HTTP, requests/s'],
  ['one at a time: ms added to the direct client', 'added to a direct RCSP client, ms'],
  ['one event, 1,000 clients: CPU beside plain ws', 'one event to 1,000 clients beside plain `ws`, CPU'],
  ['one event, 1,000 clients: CPU beside a C program', 'the same beside a program in C'],
  ['one client, 20,000 events/s: p99 ms', 'one client, 20,000 events/s, p99 ms'],
  ['idle client: memory beside bare ws', 'memory of an idle client beside bare `ws`'],
  ['start to the first answer, ms', 'start to the first answer, ms'],
];

const { machine, goals } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const short = ROWS.map(([text, name]) => {
  const found = goals.find((each) => each.text === text);
  if (found === undefined) throw new Error(`the bench did not measure: ${text}`);
  return rowOf(found, name);
});
write('README.md', `${table(['', 'goal', 'measured', ''], short)}\n\n`);
const all = goals.map((each) => [...rowOf(each, each.text), each.state ?? '']);
write('docs/performance.md', `\n${machine}\n\n${table(['', 'goal', 'measured', '', 'state'], all)}\n\n`);

function rowOf({ kind, bound, measured, verdict }, name) {
  return [name, `${kind} ${bound}`, measured, verdict];
}

/** Figures stand between two marks of a document. */
function write(name, text) {
  const path = fileURLToPath(new URL(`../../${name}`, import.meta.url));
  const document = readFileSync(path, 'utf8');
  if (!BETWEEN.test(document)) throw new Error(`${name} has no place for the table`);
  writeFileSync(
    path,
    document.replace(BETWEEN, (_, before, after) => `${before}${text}${after}`),
  );
}
