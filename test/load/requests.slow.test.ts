import { expect, onTestFinished, test } from 'vitest';
import { RawClient } from '../support/event-client.js';
import { Problem, startSimulator } from '../support/gateway.js';
import { eventually, LoadedGateway, median, RawHttp, requireOpenFiles } from '../support/load.js';
import type { RawReply } from '../support/load.js';
import { parseFault } from '../../src/simulator/faults.js';

const SOCKETS = 2000;
const REQUESTS_EACH = 5;
const MAX_WAITING = 100;
/** Seconds that the commands which hang are waited for. */
const WAIT_SECS = 12;
/** Before the first of them is given up on; no measure of speed. */
const AT_ONCE_MS = (WAIT_SECS - 1) * 1000;

/** One write a connection; every request asks for a device of its own, so that none shares another's answer. */
function askAll(clients: readonly RawHttp[]): void {
  clients.forEach((client, index) => {
    const devices = Array.from({ length: REQUESTS_EACH }, (_, i) => 1 + index * REQUESTS_EACH + i);
    client.socket.write(
      devices
        .map((id) => client.head('GET', `/v1/devices/${id}/name`, [`Prefer: wait=${WAIT_SECS}`]))
        .join(''),
    );
  });
}

const problem = ({ body }: RawReply): Problem => Problem.parse(JSON.parse(body));

test('of 10,000 requests at once to a studio that hangs, all but a few are refused at once', async ({
  skip,
}) => {
  requireOpenFiles(SOCKETS + 500, skip);
  const { simulator, port } = await startSimulator({ faults: [parseFault('hang=GetDeviceName')] });
  const gateway = await LoadedGateway.start(port, ['--max-waiting', String(MAX_WAITING)]);
  const latencies: number[] = [];
  const listener = await RawClient.connect(gateway, '/v1/ws/Logs/Info', (text) => {
    const at = /"at":([\d.]+)/.exec(text.toString())?.[1];
    if (at !== undefined) latencies.push(performance.now() - Number(at));
  });
  await eventually(() => simulator.subscriptionCount('Logs', 'Info') === 1);
  const clients = await RawHttp.connectMany(gateway, SOCKETS);

  let emitted = 0;
  const emit = (): void => {
    emitted += 1;
    simulator.emit('Logs', 'Info', { at: performance.now() });
  };
  const timer = setInterval(emit, 20);
  onTestFinished(() => clearInterval(timer));
  const started = performance.now();
  askAll(clients);
  const replies = (): RawReply[] => clients.flatMap((client) => client.replies);
  await eventually(() => replies().length === SOCKETS * REQUESTS_EACH, 30_000);
  clearInterval(timer);

  const refused = replies().filter(({ status }) => status === 503);
  const kept = replies().filter(({ status }) => status !== 503);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThanOrEqual(MAX_WAITING);
  expect(new Set(refused.map((each) => problem(each).code))).toEqual(new Set(['Too busy']));
  expect(new Set(refused.map((each) => problem(each).outcome))).toEqual(new Set(['not-sent']));
  expect(refused.filter(({ head }) => !/\r\nretry-after: \d+\r\n/.test(head))).toEqual([]);
  expect(median(refused.map(({ at }) => at - started))).toBeLessThan(AT_ONCE_MS);
  // Those that were kept learn that they may have run.
  expect(new Set(kept.map((each) => problem(each).code))).toEqual(new Set(['Timeout']));
  expect(clients.filter(({ failure }) => failure !== undefined)).toEqual([]);

  await eventually(() => latencies.length === emitted);
  expect(Math.max(...latencies)).toBeLessThan(AT_ONCE_MS);
  expect(listener.closeCode).toBeUndefined();
  expect(gateway.errors).toEqual([]);
}, 60_000);

test('what was refused is taken once there is room again', async ({ skip }) => {
  requireOpenFiles(SOCKETS, skip);
  const { simulator, port } = await startSimulator({ faults: [parseFault('late:1000=GetDeviceName*4')] });
  const gateway = await LoadedGateway.start(port, ['--max-waiting', '20']);
  const clients = await RawHttp.connectMany(gateway, 500);
  clients.forEach((client, index) => client.get(`/v1/devices/${index + 1}/name`));
  await eventually(() => clients.every(({ replies }) => replies.length === 1));
  const statuses = clients.map(({ replies }) => replies[0]?.status);
  expect(statuses).toContain(503);
  await eventually(async () => (await gateway.gauge('commands_waiting')) === 0);

  const ran = simulator.commandCounts.get('GetDeviceName') ?? 0;
  expect(ran).toBe(statuses.filter((status) => status !== 503).length);
  const [first] = clients;
  first?.get('/v1/devices/1/name');
  await eventually(() => first?.replies[1]?.status === 200);
}, 60_000);
