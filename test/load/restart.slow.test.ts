import { expect, onTestFinished, test } from 'vitest';
import { epochOf, seqOf } from '../support/event-client.js';
import { startSimulator } from '../support/gateway.js';
import { eventually, LoadedGateway, LoadProcess } from '../support/load.js';
import { freePort } from '../support/scripted-server.js';

interface Printed {
  readonly op: string;
  readonly cursor?: string;
  readonly from?: string;
  readonly to?: string;
  readonly event?: { readonly EventData: { readonly n: number } };
}

/** What `watch --json` has printed in whole lines. */
function printedBy({ stdout }: LoadProcess): Printed[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Printed);
}

function numbersOf(watcher: LoadProcess): number[] {
  return printedBy(watcher).flatMap(({ event }) => (event === undefined ? [] : [event.EventData.n]));
}

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'watch reconnects when a gateway restarts after %s and prints what it missed',
  async (signal) => {
    const { simulator, port } = await startSimulator();
    const listen = ['--listen', `127.0.0.1:${await freePort()}`];
    const first = await LoadedGateway.start(port, listen);
    const watcher = new LoadProcess(['watch', 'Logs/Info', '--json', '--url', first.url]);
    let sent = 0;
    const timer = setInterval(() => simulator.emit('Logs', 'Info', { n: sent++ }), 20);
    onTestFinished(() => clearInterval(timer));
    await eventually(() => numbersOf(watcher).length > 10);

    first.process.signal(signal);
    expect((await first.process.exited).code).toBe(signal === 'SIGTERM' ? 0 : null);
    await eventually(() => watcher.stderr.includes('trying again'));
    const before = numbersOf(watcher).length;
    // The studio goes on while nobody listens.
    const sentWhileGone = sent + 10;
    await eventually(() => sent > sentWhileGone);
    const second = await LoadedGateway.start(port, listen);
    await eventually(() => numbersOf(watcher).length > before + 10);
    clearInterval(timer);

    const printed = printedBy(watcher);
    const gapAt = printed.findIndex(({ op }) => op === 'gap');
    const { from = '', to = '' } = printed[gapAt] ?? {};
    const { cursor = '' } = printed[gapAt - 1] ?? {};
    expect(printed.filter(({ op }) => op === 'gap')).toHaveLength(1);
    // From the first that it did not get.
    expect(from).toBe(`${epochOf(cursor)}:${seqOf(cursor) + 1}`);
    expect(epochOf(to)).not.toBe(epochOf(from));
    expect(watcher.stderr).toContain(`missed Logs/Info from ${from} to ${to}: upstream-lost`);
    expect(watcher.stderr).toContain(`back at ${first.url}`);
    // Events are missing there and nowhere else; none is told twice or out of order.
    const numbers = numbersOf(watcher);
    const steps = numbers.slice(1).map((n, i) => n - (numbers[i] ?? 0));
    expect(steps.filter((step) => step !== 1)).toEqual([steps[gapAt - 1]]);
    expect(Math.min(...steps)).toBe(1);

    watcher.signal('SIGTERM');
    expect((await watcher.exited).code).toBe(0);
    expect(second.errors).toEqual([]);
  },
  40_000,
);
