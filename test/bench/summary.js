/** `node test/bench/summary.js <file>`: writes the short table of `docs/performance.md` anew, from the bench's JSON. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { table } from './lib/stats.js';

const DOCUMENT = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
const BETWEEN = /(<!-- summary -->\n).*(<!-- \/summary -->)/s;

/** What the table has, by the text of the goal. */
const ROWS = [
  [
    'HTTP read, 64 in flight: requests/s beside hello-world',
    'HTTP read beside a Fastify hello-world, requests/s',
  ],
  ['the same by CPU time', 'the same by CPU time'],
  ['1,000 in flight: CPU a request beside 64', 'CPU of a read, 1,000 in flight beside 64'],
  ['gateway, 64 WebSockets: requests/s beside HTTP', 'command over a WebSocket beside HTTP, requests/s'],
  ['one at a time: ms added to the direct client', 'added to a direct RCSP client, ms'],
  ['one event, 1,000 clients: CPU beside a C program', 'one event to 1,000 clients beside a C program, CPU'],
  [
    '64 in flight, 1,000 clients: deliveries/s beside a C program',
    '64 events beside a C program, deliveries/s',
  ],
  ['one client, 20,000 events/s: p99 ms', 'one client, 20,000 events/s, p99 ms'],
  ['idle client: memory beside bare ws', 'memory of an idle client beside bare ws'],
  ['start to the first answer, ms', 'start to the first answer, ms'],
];

const { machine, goals } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const rows = ROWS.map(([text, name]) => {
  const found = goals.find((each) => each.text === text);
  if (found === undefined) throw new Error(`the bench did not measure: ${text}`);
  return [name, `${found.kind} ${found.bound}`, found.measured, found.verdict];
});
const summary = `${machine}\n\n${table(['', 'goal', 'measured', ''], rows)}`;
const document = readFileSync(DOCUMENT, 'utf8');
if (!BETWEEN.test(document)) throw new Error(`${DOCUMENT} has no place for the table`);
writeFileSync(
  DOCUMENT,
  document.replace(BETWEEN, (_, before, after) => `${before}\n${summary}\n\n${after}`),
);
