import fc from 'fast-check';
import http from 'node:http';
import { describe, expect, test, onTestFinished } from 'vitest';
import { GATEWAY_ERRORS, RCSP_ERRORS } from '../../src/errors/errors.js';
import { Simulator } from '../../src/simulator/simulator.js';
import { problemOf, settled, startBoth, startGateway, until } from '../support/gateway.js';
import type { Gateway, Reply } from '../support/gateway.js';
import { requestFor, routesOf, send } from './api-requests.js';
import { budget, timeLimit, watchForDefects } from './arbitraries.js';

const CODES = new Set([...Object.keys(RCSP_ERRORS), ...Object.keys(GATEWAY_ERRORS)]);
const SETTINGS = { logLevel: 'error', maxTimeout: 1, authRate: 1_000_000 };

/** A simulated studio that starts again, at the same port, when it was asked to exit. */
async function startStudio(): Promise<number> {
  let port = 0;
  let simulator: Simulator;
  const start = async (): Promise<void> => {
    let hasExited = false;
    // Two clients may have asked for the same end.
    const onExit = (): void => {
      if (!hasExited) void start();
      hasExited = true;
    };
    simulator = new Simulator({ events: false, speed: 1000, port, onExit });
    ({ port } = await simulator.listen());
  };
  await start();
  onTestFinished(() => simulator.close());
  return port;
}

async function startAll(): Promise<Gateway> {
  const gateway = await startGateway(await startStudio(), SETTINGS);
  await settled(gateway);
  return gateway;
}

function checkReply(reply: Reply, exempt: ReadonlySet<number>): void {
  expect(reply.headers.get('x-track-id')).toMatch(/./);
  expect(reply.headers.get('server-timing')).toMatch(/^rcsp;dur=\d+(\.\d+)?$/);
  expect(reply.status).not.toBe(500);
  if (reply.status < 400 || exempt.has(reply.status)) return;
  const { code } = problemOf(reply);
  expect(CODES).toContain(code);
}

describe('every operation of the document', () => {
  /** For one operation: a single request may take a second of it. */
  const SECONDS_EACH = 3;
  const SECONDS = 30;

  test(
    'any request gets an answer that fits the contract, within seconds',
    async () => {
      const defects = watchForDefects();
      const gateway = await startAll();
      const agent = new http.Agent({ keepAlive: true });
      onTestFinished(() => agent.destroy());
      const routes = await routesOf(gateway);
      expect(routes.length).toBeGreaterThan(50);
      for (const route of routes) {
        await fc.assert(
          fc.asyncProperty(fc.array(requestFor(route), { minLength: 1, maxLength: 6 }), async (requests) => {
            const replies = await Promise.all(requests.map((each) => send(gateway, agent, each)));
            for (const reply of replies) checkReply(reply, route.exempt);
            expect(defects).toEqual([]);
          }),
          budget(20, SECONDS_EACH),
        );
        // The studio may have been asked to exit.
        await until(async () => (await gateway.get('/v1/info')).status === 200);
      }
      expect(gateway.lines).toEqual([]);
    },
    timeLimit(SECONDS),
  );
});

const DEEP = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

describe('a body that is nested too deep to parse', () => {
  test.each([
    ['POST', '/v1/commands/GetDeviceName', `{"Arguments":{"DeviceId":1,"x":${DEEP}}}`],
    ['POST', '/v1/commands/SetDeviceName', `{"Arguments":{"DeviceId":1,"DeviceName":"A","x":${DEEP}}}`],
    ['POST', '/v1/commands/Nothing', `{"Arguments":{"x":${DEEP}}}`],
    ['PUT', '/v1/devices/1/name', `{"DeviceName":"A","x":${DEEP}}`],
    ['POST', '/v1/subscribe', `{"Publishers":[{"Publisher":"Logs","Topics":["Info"],"x":${DEEP}}]}`],
    ['POST', '/v1/subscribe', DEEP],
  ])('the body gets a client error, not a 500: %s %s', async (method, path, raw) => {
    const defects = watchForDefects();
    const { gateway } = await startBoth(SETTINGS);
    const reply = await gateway.ask(method, path, {
      raw,
      headers: { 'content-type': 'application/json', prefer: 'wait=1' },
    });
    expect(reply.status, reply.text).toBeLessThan(500);
    expect((await gateway.get('/v1/info')).status).toBe(200);
    expect(defects).toEqual([]);
    expect(gateway.lines).toEqual([]);
  });
});
