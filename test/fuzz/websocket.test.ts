import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { GATEWAY_ERRORS, RCSP_ERRORS } from '../../src/errors/errors.js';
import { EventClient } from '../support/event-client.js';
import type { Message } from '../support/event-client.js';
import { Problem, startBoth } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { budget, nearMiss, oddJson, oddText, timeLimit, watchForDefects } from './arbitraries.js';

/** Below the largest message that is taken. */
const MAX_BYTES = 60_000;
const CODES = new Set([...Object.keys(RCSP_ERRORS), ...Object.keys(GATEWAY_ERRORS)]);

/** Slow commands are quick, and none may take long. */
function start(): Promise<{ gateway: Gateway }> {
  return startBoth({ logLevel: 'error', maxTimeout: 1 }, { speed: 1000 });
}

type Answer = Exclude<Message, { op: 'event' | 'gap' }>;

const isAnswer = (message: Message): message is Answer => message.op !== 'event' && message.op !== 'gap';

/** What a message that is sent looks like at the other end: text is UTF-8. */
function readBack(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text).toString());
  } catch {
    return undefined;
  }
}

/** The id that the answer must carry. A number that JSON cannot write is none. */
function idOf(text: string): unknown {
  const json = readBack(text);
  if (typeof json !== 'object' || json === null || !('id' in json)) return null;
  const { id } = json;
  if (typeof id === 'number') return Number.isFinite(id) ? (Object.is(id, -0) ? 0 : id) : null;
  return typeof id === 'string' ? id : null;
}

const RIGHT_ANSWER: Readonly<Record<string, string>> = {
  subscribe: 'subscribed',
  unsubscribe: 'unsubscribed',
  command: 'response',
  ping: 'pong',
};

function rightAnswer(text: string): string | undefined {
  const json = readBack(text);
  if (typeof json !== 'object' || json === null || !('op' in json) || typeof json.op !== 'string')
    return undefined;
  return Object.hasOwn(RIGHT_ANSWER, json.op) ? RIGHT_ANSWER[json.op] : undefined;
}

function checkAnswer(answer: Answer | undefined, text: string): void {
  expect(answer?.id).toEqual(idOf(text));
  if (answer?.op !== 'error') return expect(answer?.op).toBe(rightAnswer(text));
  const { code } = Problem.parse(answer.error);
  expect(code).not.toBe('Internal error');
  expect(CODES).toContain(code);
}

const channel = fc.oneof(
  fc.constantFrom('Logs/Info', 'Logs/*', '*/*', 'DeviceEvents/Connected', 'devices/*/*/*'),
  fc.constantFrom(
    'devices/1/DeviceLogs/Error',
    'devices/01/a/b',
    '$gateway/upstream',
    '$x/y',
    'a/%2F',
    'a/%2f',
  ),
  fc.tuple(oddText, oddText).map(([publisher, topic]) => `${publisher}/${topic}`),
  fc.tuple(fc.nat(9), oddText, oddText).map((levels) => `devices/${levels.join('/')}`),
);

const id = fc.oneof(
  fc.integer(),
  oddText,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(null),
);

/** Every one of them can be understood. */
const valid: Arbitrary<object> = fc.oneof(
  fc.record(
    {
      op: fc.constant('subscribe'),
      id,
      channels: fc.array(channel, { minLength: 1, maxLength: 4 }),
      mode: fc.oneof(
        fc.constantFrom('all', 'latest'),
        fc.record({ maxRateHz: fc.double({ min: 0.001, max: 1000, noNaN: true }) }),
      ),
      since: fc.dictionary(channel, fc.constantFrom('a:1', '0:0', 'zzzz:9007199254740993'), { maxKeys: 3 }),
    },
    { requiredKeys: ['op', 'channels'] },
  ),
  fc.record({
    op: fc.constant('unsubscribe'),
    id,
    channels: fc.array(channel, { minLength: 1, maxLength: 4 }),
  }),
  fc.record(
    {
      op: fc.constant('command'),
      id,
      command: fc.constantFrom(
        'GetDeviceName',
        'Info',
        'SetDeviceName',
        'RunSelfTest',
        'Subscribe',
        'Nothing',
      ),
      arguments: fc.record(
        { DeviceId: fc.nat(5), DeviceName: oddText, Publishers: fc.jsonValue(), extra: fc.jsonValue() },
        { requiredKeys: [] },
      ),
      version: fc.integer({ min: 1, max: 3 }),
      timeoutMs: fc.double({ min: 1, max: 2000, noNaN: true }),
    },
    { requiredKeys: ['op', 'command'] },
  ),
  fc.record({ op: fc.constant('ping'), id }, { requiredKeys: ['op'] }),
);

const messageText: Arbitrary<string> = fc
  .oneof(
    { weight: 6, arbitrary: nearMiss(valid) },
    { weight: 2, arbitrary: valid.map((message) => JSON.stringify(message)) },
    { weight: 1, arbitrary: oddJson },
    { weight: 1, arbitrary: oddText },
    { weight: 1, arbitrary: fc.json() },
  )
  .filter((text) => Buffer.byteLength(text) <= MAX_BYTES);

/** Milliseconds that a client waits for an answer. */
const TIMEOUT_MS = 15_000;

/** The answers to what `send` sends, once a ping behind them has come back. */
async function answersTo(client: EventClient, count: number, send: () => void): Promise<Answer[]> {
  const { messages, socket } = client;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const heard = async (enough: () => boolean): Promise<void> => {
    while (!enough()) {
      expect(socket.readyState).toBe(socket.OPEN);
      // The client's own listener came first: it has the message by then.
      await once(socket, 'message', { signal });
    }
  };
  messages.length = 0;
  client.texts.length = 0;
  send();
  await heard(() => messages.filter(isAnswer).length >= count);
  const id = 'the ping behind it';
  client.send({ op: 'ping', id });
  await heard(() => messages.some((each) => each.op === 'pong' && each.id === id));
  return messages.filter(isAnswer).slice(0, -1);
}

describe('a WebSocket client that sends any messages', () => {
  test(
    'the client gets exactly one answer to each text and stays connected',
    async () => {
      const defects = watchForDefects();
      const { gateway } = await start();
      const client = await EventClient.connect(gateway);
      await fc.assert(
        fc.asyncProperty(messageText, async (text) => {
          const answers = await answersTo(client, 1, () => client.send(text));
          expect(answers).toHaveLength(1);
          checkAnswer(answers[0], text);
          expect(defects).toEqual([]);
        }),
        budget(800, 5),
      );
      expect(gateway.lines).toEqual([]);
    },
    timeLimit(5),
  );

  test(
    'the client gets one answer with its id for each message of a burst',
    async () => {
      const defects = watchForDefects();
      const { gateway } = await start();
      const client = await EventClient.connect(gateway);
      const sorted = (ids: unknown[]): string[] => ids.map((each) => JSON.stringify(each)).sort();
      await fc.assert(
        fc.asyncProperty(fc.array(messageText, { minLength: 2, maxLength: 60 }), async (texts) => {
          const answers = await answersTo(client, texts.length, () =>
            texts.forEach((text) => client.send(text)),
          );
          expect(sorted(answers.map((each) => each.id))).toEqual(sorted(texts.map(idOf)));
          expect(defects).toEqual([]);
        }),
        budget(30, 4),
      );
      expect(gateway.lines).toEqual([]);
    },
    timeLimit(4),
  );

  test(
    'binary messages get an error',
    async () => {
      const { gateway } = await start();
      const client = await EventClient.connect(gateway);
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
          const answers = await answersTo(client, 1, () => client.socket.send(bytes, { binary: true }));
          expect(answers).toMatchObject([{ op: 'error', id: null, error: { code: 'Invalid request' } }]);
        }),
        budget(60, 3),
      );
    },
    timeLimit(3),
  );

  test('a WebSocket client that sends any messages arguments that are nested too deep to parse get an answer', async () => {
    const defects = watchForDefects();
    const { gateway } = await start();
    const client = await EventClient.connect(gateway);
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    for (const command of ['GetDeviceName', 'SetDeviceName', 'Nothing']) {
      const text = `{"op":"command","id":7,"command":"${command}","arguments":{"DeviceId":1,"DeviceName":"a","x":${deep}}}`;
      const [answer] = await answersTo(client, 1, () => client.send(text));
      checkAnswer(answer, text);
      expect(answer).not.toMatchObject({ error: { code: 'Timeout' } });
    }
    expect(defects).toEqual([]);
    expect(gateway.lines).toEqual([]);
  });
});
