import http from 'node:http';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RawClient } from '../support/event-client.js';
import type { Message } from '../support/event-client.js';
import { Problem, startSimulator } from '../support/gateway.js';
import { eventually, LoadedGateway, RawHttp } from '../support/load.js';
import { parseFault } from '../../src/simulator/faults.js';

const GRACE_MS = 10_000;
/** For answers, closing handshakes and the end of a process on a busy machine. */
const A_LITTLE_MS = 3000;

interface SseListener {
  text: string;
  /** True when the stream ended as HTTP says, false when it was cut off; undefined while it lasts. */
  whole: boolean | undefined;
}

async function listenSse(gateway: LoadedGateway): Promise<SseListener> {
  const request = http.get(`${gateway.url}/v1/events/Logs/Info`, { agent: false });
  onTestFinished(() => void request.destroy());
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const listener: SseListener = { text: '', whole: undefined };
  response.setEncoding('utf8').on('data', (text: string) => (listener.text += text));
  response.on('error', () => undefined);
  response.once('close', () => (listener.whole = response.complete));
  return listener;
}

interface WsListener {
  readonly client: RawClient;
  readonly messages: Message[];
}

/** It listens, and may ask. */
async function wsListener(gateway: LoadedGateway): Promise<WsListener> {
  const client = await RawClient.connect(gateway);
  const messages = client.collect();
  client.send({ op: 'subscribe', id: 's', channels: ['Logs/Info'] });
  await eventually(() => messages.length > 0);
  return { client, messages };
}

const eventNumbers = (messages: readonly Message[]): unknown[] =>
  messages.flatMap((each) => (each.op === 'event' ? [(each.event['EventData'] as { n: unknown }).n] : []));

/** What came back for the one command that a listener asked for. */
const answerOf = (messages: readonly Message[]): Message | undefined =>
  messages.find((each) => 'id' in each && each.id === 'c');

const commandsWaiting = (gateway: LoadedGateway): Promise<number> => gateway.gauge('commands_waiting');

/** An answer that tells the truth about a command that came too late: it ran, or it was not sent. */
function isTruthful({ replies, failure }: RawHttp): boolean {
  const [reply] = replies;
  if (failure !== undefined || reply === undefined) return false;
  return reply.status === 200 || Problem.parse(JSON.parse(reply.body)).outcome === 'not-sent';
}

test('SIGTERM under load answers accepted requests, tells every client and exits with 0', async () => {
  const { simulator, port } = await startSimulator({
    devices: 40,
    faults: [parseFault('late:400=GetDeviceName')],
  });
  const gateway = await LoadedGateway.start(port);
  const listeners = await Promise.all(Array.from({ length: 10 }, () => wsListener(gateway)));
  const streams = await Promise.all(Array.from({ length: 10 }, () => listenSse(gateway)));
  const idle = await RawHttp.connectMany(gateway, 10);
  for (const client of idle) client.get('/live');
  await eventually(() => idle.every(({ replies }) => replies.length === 1));
  const loris = await RawHttp.connect(gateway);
  loris.socket.write('GET /live HTTP/1.1\r\nX-Slow: ');
  let sent = 0;
  const timer = setInterval(() => simulator.emit('Logs', 'Info', { n: sent++ }), 10);
  onTestFinished(() => clearInterval(timer));
  await eventually(() => listeners.every(({ messages }) => eventNumbers(messages).length > 0));

  const callers = await RawHttp.connectMany(gateway, 16);
  callers.forEach((client, i) => client.get(`/v1/devices/${i + 1}/name`));
  listeners.slice(0, 8).forEach(({ client }, i) => {
    client.send({ op: 'command', id: 'c', command: 'GetDeviceName', arguments: { DeviceId: 17 + i } });
  });
  const answered = (): number =>
    callers.filter(({ replies }) => replies.length > 0).length +
    listeners.filter(({ messages }) => answerOf(messages) !== undefined).length;
  await eventually(async () => {
    const before = answered();
    return before + (await commandsWaiting(gateway)) >= 24;
  });
  const signalledAt = performance.now();
  gateway.process.signal('SIGTERM');

  const { code, at } = await gateway.process.exited;
  expect(code).toBe(0);
  expect(at - signalledAt).toBeLessThan(GRACE_MS + A_LITTLE_MS);
  expect(callers.map(({ replies, failure }) => failure?.code ?? replies[0]?.status)).toEqual(
    callers.map(() => 200),
  );
  await eventually(() => listeners.every(({ client }) => client.socket.destroyed));
  expect(listeners.map(({ client }) => client.closeCode)).toEqual(listeners.map(() => 1001));
  for (const { messages } of listeners) {
    const numbers = eventNumbers(messages) as number[];
    expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
  }
  await eventually(() => streams.every(({ whole }) => whole !== undefined));
  expect(streams.map(({ whole }) => whole)).toEqual(streams.map(() => true));
  expect(idle.filter(({ endedAt, failure }) => endedAt === undefined || failure !== undefined)).toEqual([]);
  expect(gateway.errors).toEqual([]);
  // Last, for they are told apart best by what they got.
  const answers = listeners.slice(0, 8).map(({ messages }) => answerOf(messages));
  expect(answers.map((answer) => answer?.op)).toEqual(answers.map(() => 'response'));
}, 40_000);

/** Writes to each, and knows that it left. */
async function askNames(callers: readonly RawHttp[]): Promise<void> {
  const writes = callers.map(
    (caller, i) =>
      new Promise<void>((resolve) => {
        caller.socket.write(caller.head('GET', `/v1/devices/${i + 1}/name`), () => resolve());
      }),
  );
  await Promise.all(writes);
}

/** Each gets a proper answer although the gateway ends, and so does the gateway. */
async function expectTruth(gateway: LoadedGateway, callers: readonly RawHttp[]): Promise<void> {
  expect((await gateway.process.exited).code).toBe(0);
  await eventually(() => callers.every(({ endedAt }) => endedAt !== undefined));
  const wronged = callers.filter((caller) => !isTruthful(caller));
  expect(wronged.map(({ failure }) => failure?.code ?? 'ended without an answer')).toEqual([]);
}

describe('a request that was written before the signal is answered, however little before', () => {
  test('requests on accepted connections are answered', async () => {
    const { port } = await startSimulator({ devices: 40 });
    const gateway = await LoadedGateway.start(port);
    const used = await RawHttp.connectMany(gateway, 20);
    const fresh = await RawHttp.connectMany(gateway, 20);
    // They are accepted one after the other: an answer to the last one proves that of those before.
    const last = await RawHttp.connect(gateway);
    for (const client of [...used, last]) client.get('/live');
    await eventually(() => [...used, last].every(({ replies }) => replies.length === 1));
    for (const client of used) client.replies.length = 0;

    await askNames([...used, ...fresh]);
    gateway.process.signal('SIGTERM');
    await expectTruth(gateway, [...used, ...fresh]);
  }, 60_000);

  test('requests on connections in the backlog are answered', async () => {
    const { port } = await startSimulator({ devices: 40 });
    const gateway = await LoadedGateway.start(port);
    // As a gateway that is busy with something else for a moment.
    gateway.process.signal('SIGSTOP');
    const callers = await RawHttp.connectMany(gateway, 20);
    await askNames(callers);
    gateway.process.signal('SIGTERM');
    gateway.process.signal('SIGCONT');
    await expectTruth(gateway, callers);
  }, 60_000);
});

test('a command that hangs beyond the grace time gets no-answer, and the gateway exits with 0', async () => {
  const { port } = await startSimulator({ faults: [parseFault('hang=SetDeviceName')] });
  const gateway = await LoadedGateway.start(port, ['--grace', '1']);
  const { client, messages } = await wsListener(gateway);
  const callers = await RawHttp.connectMany(gateway, 3);
  callers.forEach((caller, i) => caller.put(`/v1/devices/${i + 1}/name`, '{"DeviceName":"A"}'));
  const rename = { op: 'command', id: 'c', command: 'SetDeviceName' };
  client.send({ ...rename, arguments: { DeviceId: 4, DeviceName: 'A' } });
  await eventually(async () => (await commandsWaiting(gateway)) >= 4);
  const signalledAt = performance.now();
  gateway.process.signal('SIGTERM');

  const { code, at } = await gateway.process.exited;
  expect(code).toBe(0);
  expect(at - signalledAt).toBeLessThan(1000 + A_LITTLE_MS);
  const outcomes = callers.map(({ replies }) => Problem.parse(JSON.parse(replies[0]?.body ?? '{}')).outcome);
  expect(outcomes).toEqual(['no-answer', 'no-answer', 'no-answer']);
  await eventually(() => client.socket.destroyed);
  expect(client.closeCode).toBe(1001);
  expect(answerOf(messages)).toMatchObject({ op: 'error', error: { outcome: 'no-answer' } });
}, 60_000);
