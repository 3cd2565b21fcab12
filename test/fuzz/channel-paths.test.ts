import fc from 'fast-check';
import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { GATEWAY_ERRORS, RCSP_ERRORS } from '../../src/errors/errors.js';
import { EventClient, SseClient } from '../support/event-client.js';
import type { Message } from '../support/event-client.js';
import { Problem, startBoth, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { budget, oddText, timeLimit, watchForDefects } from './arbitraries.js';

const CODES = new Set([...Object.keys(RCSP_ERRORS), ...Object.keys(GATEWAY_ERRORS)]);

const start = (): Promise<{ gateway: Gateway }> =>
  startBoth({ logLevel: 'error', maxTimeout: 1 }, { speed: 1000 });

const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

const pathPiece = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.constantFrom('Logs', 'Info', 'devices', '1', '*', '$gateway', 'upstream', 'DeviceLogs'),
  },
  { weight: 2, arbitrary: oddText.map((text) => encoded(text)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '.', '..', '%', '%zz', '%2F', '%00', '%ED%A0%80', '?', '?x=1', '%3F', ';'),
  },
);

const channelPath = fc.array(pathPiece, { maxLength: 6 }).map((pieces) => pieces.join('/'));

/** Either a socket with one answer, or a problem. */
async function upgrade(gateway: Gateway, path: string): Promise<void> {
  const request = http.get(gateway.url + '/', {
    path,
    agent: false,
    headers: {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
  });
  const outcome = await new Promise<http.IncomingMessage | 'upgraded'>((resolve, reject) => {
    request.once('upgrade', (_response, socket) => {
      socket.destroy();
      resolve('upgraded');
    });
    request.once('response', resolve).once('error', reject);
  });
  if (outcome === 'upgraded') return;
  const text = (await outcome.setEncoding('utf8').toArray()).join('');
  request.destroy();
  expect(outcome.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(Problem.parse(JSON.parse(text)).status).toBe(outcome.statusCode);
  expect(outcome.statusCode).not.toBe(500);
}

async function listen(gateway: Gateway, path: string): Promise<void> {
  try {
    (await SseClient.open(gateway, path)).close();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code, status } = Problem.parse(JSON.parse(error.message));
    expect(CODES).toContain(code);
    expect(status).not.toBe(500);
  }
}

describe('any text as a channel in a path', () => {
  test(
    'the path opens a socket or ends in a problem',
    async () => {
      const defects = watchForDefects();
      const { gateway } = await start();
      // What the router itself refuses has a test of its own, with what is left of its connection.
      const readable = channelPath.filter((path) => isReadable(path));
      await fc.assert(
        fc.asyncProperty(readable, (path) => upgrade(gateway, `/v1/ws/${path}`)),
        budget(200, 3),
      );
      await until(() => gateway.app.eventClients.clients.count === 0);
      expect(defects).toEqual([]);
      expect(gateway.lines).toEqual([]);
    },
    timeLimit(4),
  );

  test(
    'the path opens a stream or ends in a problem',
    async () => {
      const defects = watchForDefects();
      const { gateway } = await start();
      await fc.assert(
        fc.asyncProperty(channelPath, (path) => listen(gateway, `/v1/events/${path}`)),
        budget(200, 3),
      );
      await until(() => gateway.app.eventClients.clients.count === 0);
      expect(defects).toEqual([]);
      expect(gateway.lines).toEqual([]);
    },
    timeLimit(4),
  );

  test(
    'the socket is subscribed, or gets one error with the reason',
    async () => {
      const { gateway } = await start();
      const piece = oddText
        .map((text) => encoded(text).slice(0, 180))
        .filter((text) => text !== '' && isReadable(text));
      await fc.assert(
        fc.asyncProperty(piece, piece, async (publisher, topic) => {
          const client = await EventClient.connect(gateway, `/v1/ws/${publisher}/${topic}`).catch(
            () => undefined,
          );
          if (client === undefined) return;
          const answers = (): Message[] => client.messages.filter(({ op }) => op !== 'event' && op !== 'gap');
          await until(() => answers().length > 0);
          await client.roundTrip();
          const [first, ...others] = answers();
          expect(first).toMatchObject({ op: expect.stringMatching(/^(subscribed|error)$/), id: null });
          expect(others).toHaveLength(1);
          client.socket.terminate();
        }),
        budget(60, 3),
      );
    },
    timeLimit(4),
  );
});

/** Whether the router takes it as a path: short enough, and decodable. */
function isReadable(path: string): boolean {
  try {
    return decodeURIComponent(path)
      .split('/')
      .every((level) => level.length <= 500);
  } catch {
    return false;
  }
}
