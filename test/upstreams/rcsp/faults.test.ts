import net from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { PoolOptions } from '../../../src/upstreams/rcsp/pool.js';
import { allUp, ask, failureOf, openPool, responseOf, startPool } from '../../support/open-pool.js';
import type { OpenPool } from '../../support/open-pool.js';
import {
  errorFrame,
  eventFrame,
  frame,
  freePort,
  okFrame,
  okPayload,
  ScriptedServer,
} from '../../support/scripted-server.js';
import type { ReceivedCommand } from '../../support/scripted-server.js';

const RESPONSE_OK = 2;
const RESPONSE_ERROR = 3;
const EVENT = 4;

const lost = { code: 'Connection lost', outcome: 'no-answer' };
const broken = { code: 'Protocol error', outcome: 'no-answer' };
const timedOut = { code: 'Timeout', outcome: 'no-answer' };
const unreachable = { code: 'Studio unreachable', outcome: 'not-sent' };

type Opened = OpenPool & { server: ScriptedServer };

async function open(options: Partial<PoolOptions> = {}): Promise<Opened> {
  const server = await ScriptedServer.start();
  return { server, ...(await openPool(server.port, options)) };
}

/** A command of its own is answered. */
async function works({ pool, server }: Opened): Promise<void> {
  const answer = pool.send(ask('Info'));
  const nth = server.named('Info').length + 1;
  server.ok(await server.received('Info', nth), { nth });
  expect(await responseOf(answer)).toEqual({ nth });
}

interface Scene extends Opened {
  /** What the studio spoils: a write, first on its connection. */
  readonly spoiled: ReceivedCommand;
  readonly failure: ReturnType<typeof failureOf>;
  /** The connection ended; all commands but the spoiled one are answered, the read behind it elsewhere. */
  othersAreAnswered(): Promise<void>;
  /** The connection stands; the read behind the spoiled command is answered on it. */
  streamGoesOn(): Promise<void>;
}

/** Two connections: on the one the write to be spoiled and a read behind it, on the other a write. */
async function spoiledAmongOthers(options: Partial<PoolOptions> = {}): Promise<Scene> {
  const opened = await open({ size: 2, ...options });
  const { server, pool } = opened;
  const failure = failureOf(pool.send(ask('SetDeviceName')));
  const other = responseOf(pool.send(ask('SetFrameRate')));
  const behind = responseOf(pool.send(ask('ListDevices', { repeatable: true })));
  const [spoiled, otherCommand, behindCommand] = await Promise.all(
    ['SetDeviceName', 'SetFrameRate', 'ListDevices'].map((name) => server.received(name)),
  );
  if (!spoiled || !otherCommand || !behindCommand) throw new Error('a command did not come');
  expect(behindCommand.connection).toBe(spoiled.connection);
  expect(otherCommand.connection).not.toBe(spoiled.connection);

  async function allAnswered(read: ReceivedCommand): Promise<void> {
    server.ok(otherCommand!, { FrameRate: 100 });
    server.ok(read, { Devices: [] });
    expect(await other).toEqual({ FrameRate: 100 });
    expect(await behind).toEqual({ Devices: [] });
  }
  return {
    ...opened,
    spoiled,
    failure,
    async othersAreAnswered() {
      await spoiled.connection.ended;
      const repeated = await server.received('ListDevices', 2);
      expect(repeated.connection).toBe(otherCommand.connection);
      await allAnswered(repeated);
      await allUp(pool);
      await works(opened);
      expect(server.named('SetDeviceName')).toHaveLength(1);
    },
    async streamGoesOn() {
      await allAnswered(behindCommand);
      await works(opened);
      expect(server.open).toHaveLength(2);
      expect(server.connections).toHaveLength(2);
      expect(server.commands).toHaveLength(4);
    },
  };
}

describe('a command whose connection is spoiled fails, and no other does', () => {
  test('when the connection is closed before the answer', async () => {
    const scene = await spoiledAmongOthers();
    scene.spoiled.connection.destroy();
    expect(await scene.failure).toMatchObject(lost);
    await scene.othersAreAnswered();
    expect(scene.protocolErrors).toEqual([]);
  });

  test('when the studio ends its half of the connection before the answer', async () => {
    const scene = await spoiledAmongOthers();
    scene.spoiled.connection.halfClose();
    expect(await scene.failure).toMatchObject(lost);
    await scene.othersAreAnswered();
  });

  test('when the connection is closed in mid-frame', async () => {
    const scene = await spoiledAmongOthers();
    const answer = okFrame(scene.spoiled, { DeviceName: 'cut' });
    scene.spoiled.connection.halfClose(answer.subarray(0, answer.length - 5));
    expect(await scene.failure).toMatchObject(lost);
    await scene.othersAreAnswered();
  });

  test('when the connection is closed within a header', async () => {
    const scene = await spoiledAmongOthers();
    scene.spoiled.connection.halfClose(okFrame(scene.spoiled).subarray(0, 3));
    expect(await scene.failure).toMatchObject(lost);
    await scene.othersAreAnswered();
  });

  test('when the marker is wrong', async () => {
    const scene = await spoiledAmongOthers();
    scene.spoiled.connection.raw(okFrame(scene.spoiled, {}, { marker: 0xdd }));
    expect(await scene.failure).toMatchObject(broken);
    await scene.othersAreAnswered();
    expect(scene.protocolErrors).toEqual(['marker']);
  });

  test('when the header version is unknown', async () => {
    const scene = await spoiledAmongOthers();
    scene.spoiled.connection.raw(okFrame(scene.spoiled, {}, { version: 2 }));
    expect(await scene.failure).toMatchObject(broken);
    await scene.othersAreAnswered();
    expect(scene.protocolErrors).toEqual(['header-version']);
  });

  test('when the header size is below 8', async () => {
    const scene = await spoiledAmongOthers();
    scene.spoiled.connection.raw(okFrame(scene.spoiled, {}, { headerSize: 7 }));
    expect(await scene.failure).toMatchObject(broken);
    await scene.othersAreAnswered();
    expect(scene.protocolErrors).toEqual(['header-size']);
  });

  test('when the payload is over the limit, before it is there', async () => {
    const scene = await spoiledAmongOthers({ maxPayloadBytes: 1000 });
    scene.spoiled.connection.raw(frame(RESPONSE_OK, '', { payloadSize: 1001 }));
    expect(await scene.failure).toMatchObject(broken);
    await scene.othersAreAnswered();
    expect(scene.protocolErrors).toEqual(['payload-size']);
  });

  test('when the answer has the TrackId of no command', async () => {
    const scene = await spoiledAmongOthers();
    scene.spoiled.connection.raw(frame(RESPONSE_OK, okPayload('nobody')));
    expect(await scene.failure).toMatchObject(broken);
    await scene.othersAreAnswered();
    expect(scene.protocolErrors).toEqual(['track-id']);
  });

  test('when the answer has the TrackId of the command behind it', async () => {
    const scene = await spoiledAmongOthers();
    const behind = scene.spoiled.connection.commands[1]!;
    scene.server.ok(behind, { Devices: ['out of order'] });
    expect(await scene.failure).toMatchObject(broken);
    await scene.othersAreAnswered();
    expect(scene.protocolErrors).toEqual(['track-id']);
  });

  test('when the answer has no TrackId', async () => {
    const scene = await spoiledAmongOthers();
    scene.spoiled.connection.raw(frame(RESPONSE_OK, '{"Status":"Ok"}'));
    expect(await scene.failure).toMatchObject(broken);
    await scene.othersAreAnswered();
    expect(scene.protocolErrors).toEqual(['track-id']);
  });

  test('when further garbage follows the first, which is counted once', async () => {
    const scene = await spoiledAmongOthers();
    const garbage = Buffer.concat([frame(RESPONSE_OK, okPayload('nobody')), Buffer.from('HTTP/1.1 400')]);
    scene.spoiled.connection.raw(garbage);
    expect(await scene.failure).toMatchObject(broken);
    await scene.othersAreAnswered();
    expect(scene.protocolErrors).toEqual(['track-id']);
  });

  test.each([
    ['an OK', RESPONSE_OK],
    ['an error', RESPONSE_ERROR],
  ])('when the payload of %s is not JSON, on a stream that goes on', async (_, type) => {
    const scene = await spoiledAmongOthers();
    scene.spoiled.connection.raw(frame(type, '{"TrackId":'));
    expect(await scene.failure).toMatchObject(broken);
    await scene.streamGoesOn();
    expect(scene.protocolErrors).toEqual(['not-json']);
  });

  test('when its answer is of an unknown type, on a stream that goes on', async () => {
    const scene = await spoiledAmongOthers();
    scene.spoiled.connection.raw(frame(9, okPayload(scene.spoiled.trackId)));
    expect(await scene.failure).toMatchObject(broken);
    await scene.streamGoesOn();
    expect(scene.protocolErrors).toEqual(['unknown-type']);
  });

  test('when the studio refuses it, on a stream that goes on', async () => {
    const scene = await spoiledAmongOthers();
    scene.spoiled.connection.raw(errorFrame(scene.spoiled, 'Device not found'));
    expect(await scene.failure).toMatchObject({ code: 'Device not found', outcome: 'rejected', status: 404 });
    await scene.streamGoesOn();
    expect(scene.protocolErrors).toEqual([]);
  });

  test('when no answer comes at all', async () => {
    const opened = await open({ size: 2 });
    const { server, pool } = opened;
    const failure = failureOf(pool.send(ask('SetDeviceName', { timeoutMs: 150 })));
    const other = pool.send(ask('SetFrameRate'));
    expect(await failure).toMatchObject(timedOut);
    server.ok(await server.received('SetFrameRate'), { FrameRate: 100 });
    expect(await responseOf(other)).toEqual({ FrameRate: 100 });
    await works(opened);
  });
});

describe('a command is answered', () => {
  test('when header sizes above 8 promise trailing bytes', async () => {
    const { server, pool } = await open();
    const answers = [pool.send(ask('A')), pool.send(ask('B'))];
    const [first, second] = [await server.received('A'), await server.received('B')];
    const bytes = [
      okFrame(first, { n: 1 }, { headerSize: 16 }),
      okFrame(second, { n: 2 }, { headerSize: 255 }),
    ];
    first.connection.raw(Buffer.concat(bytes));
    expect(await Promise.all(answers.map(responseOf))).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('when a frame of unknown type that names no command comes before its answer', async () => {
    const { server, pool, protocolErrors } = await open();
    const answer = pool.send(ask('Info'));
    const command = await server.received('Info');
    command.connection.raw(Buffer.concat([frame(9, '{}'), frame(0, 'x'), okFrame(command, { n: 1 })]));
    expect(await responseOf(answer)).toEqual({ n: 1 });
    expect(protocolErrors).toEqual(['unknown-type', 'unknown-type']);
  });

  test('when its answer comes in one-byte pieces', async () => {
    const { server, pool } = await open();
    const answers = [pool.send(ask('A')), pool.send(ask('B'))];
    const [first, second] = [await server.received('A'), await server.received('B')];
    await first.connection.inOneBytePieces(
      Buffer.concat([okFrame(first, { n: 'é' }), okFrame(second, { n: 2 })]),
    );
    expect(await Promise.all(answers.map(responseOf))).toEqual([{ n: 'é' }, { n: 2 }]);
  });

  test('when many answers come in one read, each its own', async () => {
    const { server, pool } = await open();
    const answers = Array.from({ length: 100 }, (_, n) => pool.send(ask('GetDeviceName', { args: { n } })));
    const { connection } = await server.received('GetDeviceName', 100);
    connection.raw(Buffer.concat(server.commands.map((each) => okFrame(each, each.args))));
    expect(await Promise.all(answers.map(responseOf))).toEqual(answers.map((_, n) => ({ n })));
  });

  test('when events come before its answer, and they are heard in order', async () => {
    const { server, pool, events } = await open();
    const answer = pool.send(ask('Info'));
    const command = await server.received('Info');
    const [info, warning] = [eventFrame('Logs', 'Info', { LogMsg: 'a' }), eventFrame('Logs', 'Warning')];
    command.connection.raw(Buffer.concat([info, warning, okFrame(command, { n: 1 }), info]));
    expect(await responseOf(answer)).toEqual({ n: 1 });
    expect(events.map(({ topic }) => topic)).toEqual(['Info', 'Warning', 'Info']);
  });

  test('when an event that cannot be read comes before its answer', async () => {
    const { server, pool, events, protocolErrors } = await open();
    const answer = pool.send(ask('Info'));
    const command = await server.received('Info');
    command.connection.raw(
      Buffer.concat([frame(EVENT, 'x'), frame(EVENT, '{}'), okFrame(command, { n: 1 })]),
    );
    expect(await responseOf(answer)).toEqual({ n: 1 });
    expect(events).toEqual([]);
    expect(protocolErrors).toEqual(['not-json', 'not-an-event']);
  });
});

describe('a late answer', { tags: ['extended'] }, () => {
  test('a late answer never goes to the next caller', async () => {
    const { server, pool, protocolErrors } = await open();
    const failure = failureOf(pool.send(ask('Late', { timeoutMs: 500 })));
    const next = pool.send(ask('Next'));
    const late = await server.received('Late');
    expect(await failure).toMatchObject(timedOut);
    const after = pool.send(ask('After'));
    server.ok(late, { of: 'Late' });
    server.ok(await server.received('Next'), { of: 'Next' });
    server.ok(await server.received('After'), { of: 'After' });
    expect(await responseOf(next)).toEqual({ of: 'Next' });
    expect(await responseOf(after)).toEqual({ of: 'After' });
    expect(protocolErrors).toEqual([]);
    expect(server.connections).toHaveLength(1);
  });

  test('a late answer never goes to the next caller when it cannot be read', async () => {
    const { server, pool } = await open();
    const failure = failureOf(pool.send(ask('Late', { timeoutMs: 500 })));
    const { connection } = await server.received('Late');
    expect(await failure).toMatchObject(timedOut);
    const next = pool.send(ask('Next'));
    connection.raw(frame(RESPONSE_ERROR, 'x'));
    server.ok(await server.received('Next'), { of: 'Next' });
    expect(await responseOf(next)).toEqual({ of: 'Next' });
  });
});

describe('a connection whose oldest command was given up on', { tags: ['extended'] }, () => {
  test('a connection whose oldest command was given up on takes nothing new while another can', async () => {
    const { server, pool } = await open({ size: 2 });
    const failure = failureOf(pool.send(ask('Silent', { timeoutMs: 300 })));
    const { connection } = await server.received('Silent');
    expect(await failure).toMatchObject(timedOut);
    server.onCommand = (command) => server.ok(command);
    await Promise.all(Array.from({ length: 20 }, () => pool.send(ask('Next'))));
    expect(connection.commands.map(({ name }) => name)).toEqual(['Silent']);
  });

  test('a connection whose oldest command was given up on takes new commands when there is no other', async () => {
    const { server, pool } = await open();
    const failure = failureOf(pool.send(ask('Silent', { timeoutMs: 300 })));
    const { connection } = await server.received('Silent');
    await failure;
    const next = failureOf(pool.send(ask('Next', { timeoutMs: 5000 })));
    expect((await server.received('Next')).connection).toBe(connection);
    expect(await next).toMatchObject(lost);
  });

  test('a connection whose oldest command was given up on takes commands again once it has answered', async () => {
    const { server, pool } = await open();
    const failure = failureOf(pool.send(ask('Slow', { timeoutMs: 300 })));
    const late = await server.received('Slow');
    await failure;
    expect(pool.connections[0]?.isStalled).toBe(true);
    server.ok(late);
    await vi.waitUntil(() => pool.load === 0, { timeout: 20_000, interval: 5 });
    expect(pool.connections[0]?.isStalled).toBe(false);
    // The time that ran against it runs no more: the next silence is measured anew.
    const silent = failureOf(pool.send(ask('Silent', { timeoutMs: 400 })));
    expect(await silent).toMatchObject(timedOut);
    expect(server.connections).toHaveLength(1);
  });

  test('a connection whose oldest command was given up on is replaced when it stays silent for as long again, not sooner', async () => {
    const opened = await open();
    const { server, pool } = opened;
    const sentAt = performance.now();
    const failure = failureOf(pool.send(ask('Silent', { timeoutMs: 150 })));
    const { connection } = await server.received('Silent');
    await failure;
    expect(pool.connections[0]?.isUp).toBe(true);
    await connection.ended;
    // Timers may run a millisecond early by this clock.
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(2 * 150 - 5);
    await allUp(pool);
    await works(opened);
    expect(server.named('Silent')).toHaveLength(1);
  });

  test('a connection whose oldest command was given up on is replaced although further commands behind it are given up on meanwhile', async () => {
    const { server, pool } = await open();
    const head = failureOf(pool.send(ask('Silent', { timeoutMs: 200 })));
    const behind = Array.from({ length: 100 }, (_, n) =>
      failureOf(pool.send(ask('Behind', { timeoutMs: 210 + 20 * n }))),
    );
    const last = failureOf(pool.send(ask('Last', { timeoutMs: 8000 })));
    expect(await head).toMatchObject(timedOut);
    await server.connections[0]?.ended;
    expect(await behind[0]).toMatchObject(timedOut);
    expect(await behind.at(-1)).toMatchObject(lost);
    expect(await last).toMatchObject(lost);
  });
});

describe('a studio that is not there', () => {
  test('a studio that is not there is told at once, with the time after which to try again', async () => {
    const { pool } = startPool(await freePort(), { size: 2 });
    const failure = await failureOf(pool.send(ask('Info', { repeatable: true })));
    expect(failure).toMatchObject(unreachable);
    expect(failure.retryAfter).toBeGreaterThanOrEqual(1);
    expect(pool.load).toBe(0);
  });

  test('a studio that is not there is found when it comes', async () => {
    const port = await freePort();
    const { pool, studio, ...rest } = startPool(port, { size: 2 });
    await vi.waitUntil(() => pool.connections.every(({ state }) => state === 'waiting'), {
      timeout: 20_000,
      interval: 5,
    });
    const server = await ScriptedServer.start(port);
    await allUp(pool);
    expect(studio).toEqual([true]);
    await works({ pool, studio, ...rest, server });
  });

  test('a studio that is not there is found again when it was gone', async () => {
    const { server, pool, studio, ...rest } = await open({ size: 2 });
    const write = failureOf(pool.send(ask('A')));
    const read = responseOf(pool.send(ask('B', { repeatable: true })));
    await Promise.all([server.received('A'), server.received('B')]);
    const { port } = server;
    await server.stop();
    expect(await write).toMatchObject(lost);
    expect(await failureOf(pool.send(ask('C')))).toMatchObject(unreachable);
    const back = await ScriptedServer.start(port);
    back.ok(await back.received('B'), { n: 2 });
    expect(await read).toEqual({ n: 2 });
    await allUp(pool);
    expect(studio).toEqual([true, false, true]);
    await works({ pool, studio, ...rest, server: back });
    expect(back.commands.map(({ name }) => name)).toEqual(['B', 'Info']);
  });

  test('a studio that is not there is one that does not complete the connection in time', async () => {
    const connect = vi.spyOn(net, 'connect').mockImplementation(() => new net.Socket());
    onTestFinished(() => connect.mockRestore());
    const { pool } = startPool(45451, { connectTimeoutMs: 50 });
    expect(pool.connections[0]?.state).toBe('connecting');
    await vi.waitUntil(() => pool.connections[0]?.state === 'waiting', { timeout: 20_000, interval: 5 });
    expect(await failureOf(pool.send(ask('Info')))).toMatchObject(unreachable);
  });
});

describe('what is sent again', { tags: ['extended'] }, () => {
  test('what is sent again is never a write', async () => {
    const { server, pool } = await open({ size: 3 });
    const failure = failureOf(pool.send(ask('SetDeviceName')));
    (await server.received('SetDeviceName')).connection.destroy();
    expect(await failure).toMatchObject(lost);
    await allUp(pool);
    server.onCommand = (command) => server.ok(command);
    await Promise.all(['A', 'B', 'C'].map((name) => pool.send(ask(name))));
    expect(server.named('SetDeviceName')).toHaveLength(1);
  });

  test('what is sent again is a read, once, on another connection', async () => {
    const { server, pool } = await open({ size: 2 });
    const answer = pool.send(ask('GetDeviceName', { repeatable: true }));
    const first = await server.received('GetDeviceName');
    first.connection.destroy();
    const second = await server.received('GetDeviceName', 2);
    expect(second.connection).not.toBe(first.connection);
    expect(second.trackId).toBe(first.trackId);
    server.ok(second, { DeviceName: 'left' });
    expect(await responseOf(answer)).toEqual({ DeviceName: 'left' });
  });

  test('what is sent again is a read no second time', async () => {
    const { server, pool } = await open({ size: 3 });
    const failure = failureOf(pool.send(ask('GetDeviceName', { repeatable: true })));
    (await server.received('GetDeviceName')).connection.destroy();
    (await server.received('GetDeviceName', 2)).connection.destroy();
    expect(await failure).toMatchObject(lost);
    await allUp(pool);
    server.onCommand = (command) => server.ok(command);
    // One on every connection, so that each has shown what it was sent before.
    await Promise.all(['A', 'B', 'C'].map((name) => pool.send(ask(name))));
    expect(server.named('GetDeviceName')).toHaveLength(2);
  });

  test('what is sent again is a read that was in flight when the last connection died, once on the first that comes up', async () => {
    const { server, pool } = await open({ size: 2 });
    const answer = responseOf(pool.send(ask('GetDeviceName', { repeatable: true })));
    await server.received('GetDeviceName');
    for (const each of server.open) each.destroy();
    const second = await server.received('GetDeviceName', 2);
    server.ok(second, { DeviceName: 'left' });
    expect(await answer).toEqual({ DeviceName: 'left' });
    await allUp(pool);
    expect(server.named('GetDeviceName')).toHaveLength(2);
    expect(pool.load).toBe(0);
  });

  test('what is sent again is no read a third time, however often all connections die', async () => {
    const { server, pool } = await open();
    const failure = failureOf(pool.send(ask('GetDeviceName', { repeatable: true })));
    (await server.received('GetDeviceName')).connection.destroy();
    (await server.received('GetDeviceName', 2)).connection.destroy();
    expect(await failure).toMatchObject(lost);
    await allUp(pool);
    expect(server.named('GetDeviceName')).toHaveLength(2);
  });

  test('what is sent again is no read whose own timeout ends before a connection is up', async () => {
    const { server, pool } = await open();
    const failure = failureOf(pool.send(ask('GetDeviceName', { repeatable: true, timeoutMs: 400 })));
    await server.received('GetDeviceName');
    await server.stop();
    expect(await failure).toMatchObject(timedOut);
    expect(pool.load).toBe(0);
  });

  test('what is sent again is no read that waits for a connection when the pool closes', async () => {
    const { server, pool } = await open();
    const failure = failureOf(pool.send(ask('GetDeviceName', { repeatable: true })));
    await server.received('GetDeviceName');
    await server.stop();
    await vi.waitUntil(() => !pool.connected, { timeout: 20_000, interval: 5 });
    await pool.close(20_000);
    expect(await failure).toMatchObject(lost);
  });

  test('what is sent again is no read that was given up on before its repetition could be sent', async () => {
    const { server, pool } = await open({ size: 2 });
    const big = responseOf(pool.send(ask('Big', { args: { Data: 'x'.repeat(24 * 1024 * 1024) } })));
    const failure = failureOf(pool.send(ask('GetDeviceName', { repeatable: true, timeoutMs: 500 })));
    const read = await server.received('GetDeviceName');
    const other = server.connections.find((each) => each !== read.connection)!;
    other.stopReading();
    read.connection.destroy();
    expect(await failure).toMatchObject(timedOut);
    other.readOn();
    server.onCommand = (command) => server.ok(command);
    await big;
    await pool.send(ask('Info'));
    expect(server.named('GetDeviceName')).toHaveLength(1);
  });

  test('what is sent again is a read whose repetition waited, unsent, when the last connection died', async () => {
    const { server, pool } = await open({ size: 2 });
    const answer = responseOf(pool.send(ask('ReadSensorFwInfo', { slow: true, repeatable: true })));
    const silent = failureOf(pool.send(ask('Silent', { timeoutMs: 300 })));
    const [read, other] = [await server.received('ReadSensorFwInfo'), await server.received('Silent')];
    await silent;
    // The other connection is stalled, so no slow command may go there.
    read.connection.destroy();
    await vi.waitUntil(() => pool.connections.some((each) => !each.isUp), { timeout: 20_000, interval: 1 });
    other.connection.destroy();
    server.ok(await server.received('ReadSensorFwInfo', 2), { n: 1 });
    expect(await answer).toEqual({ n: 1 });
    expect(server.named('ReadSensorFwInfo')).toHaveLength(2);
  });
});

describe('what is not sent', () => {
  test('what is not sent is a command over the cap, which is told at once', async () => {
    const { server, pool } = await open({ size: 2, maxWaiting: 3 });
    const answers = ['A', 'B', 'C'].map((name) => pool.send(ask(name)));
    const failure = await failureOf(pool.send(ask('D')));
    expect(failure).toMatchObject({ code: 'Too busy', outcome: 'not-sent' });
    expect(failure.retryAfter).toBeGreaterThanOrEqual(1);
    server.onCommand = (command) => server.ok(command);
    for (const name of ['A', 'B', 'C']) await server.received(name);
    await Promise.all(answers);
    await pool.send(ask('E'));
    expect(server.named('D')).toEqual([]);
  });

  test('what is not sent is a slow command whose time ended while it waited', async () => {
    const { server, pool } = await open({ size: 2 });
    const running = pool.send(ask('ScanNetwork', { slow: true }));
    const failure = failureOf(pool.send(ask('RunSelfTest', { slow: true, timeoutMs: 50 })));
    expect(await failure).toMatchObject({ code: 'Timeout', outcome: 'not-sent' });
    server.ok(await server.received('ScanNetwork'));
    await running;
    server.onCommand = (command) => server.ok(command);
    await Promise.all([pool.send(ask('A')), pool.send(ask('B'))]);
    expect(server.named('RunSelfTest')).toEqual([]);
  });

  test('what is not sent is a slow command that waited when the last connection ended', async () => {
    const { server, pool } = await open({ size: 2 });
    const running = failureOf(pool.send(ask('ScanNetwork', { slow: true })));
    const waiting = failureOf(pool.send(ask('RunSelfTest', { slow: true })));
    const { connection } = await server.received('ScanNetwork');
    server.connections.find((each) => each !== connection)?.destroy();
    await vi.waitUntil(() => pool.connections.some((each) => !each.isUp), { timeout: 20_000, interval: 1 });
    connection.destroy();
    expect(await running).toMatchObject(lost);
    expect(await waiting).toMatchObject(unreachable);
  });
});

describe('a connection', () => {
  test('that brings an answer without a question is replaced', async () => {
    const opened = await open();
    const { server, pool, protocolErrors } = opened;
    await works(opened);
    const [connection] = server.connections;
    connection?.raw(frame(RESPONSE_OK, okPayload('nobody')));
    await connection?.ended;
    await allUp(pool);
    await works(opened);
    expect(protocolErrors).toEqual(['unexpected-response']);
    expect(server.connections).toHaveLength(2);
  });

  test('that brings an unreadable answer without a question is replaced', async () => {
    const { server, pool, protocolErrors } = await open();
    const [connection] = server.connections;
    connection?.raw(frame(RESPONSE_ERROR, 'x'));
    await connection?.ended;
    await allUp(pool);
    expect(protocolErrors).toEqual(['unexpected-response']);
  });

  test('a connection sends the commands of one tick in one write', async () => {
    const { server, pool } = await open();
    const answers = Array.from({ length: 50 }, (_, n) => pool.send(ask('GetDeviceName', { args: { n } })));
    server.onCommand = (command) => server.ok(command, command.args);
    expect(await Promise.all(answers.map(responseOf))).toEqual(answers.map((_, n) => ({ n })));
    expect(server.connections[0]?.chunks).toHaveLength(1);
  });

  test('that was closed from within an event stays closed, whatever follows the event', async () => {
    const server = await ScriptedServer.start();
    const opened = startPool(server.port, {}, { onEvent: () => void opened.pool.close(0) });
    const { pool, protocolErrors } = opened;
    await allUp(pool);
    server.open[0]?.raw(Buffer.concat([eventFrame('Logs', 'Info'), Buffer.from('garbage!')]));
    await server.connections[0]?.ended;
    expect(pool.connections[0]?.state).toBe('closed');
    expect(protocolErrors).toEqual([]);
  });
});

describe('closing', { tags: ['extended'] }, () => {
  test('closing lets commands in flight finish, takes none, and ends every socket', async () => {
    const { server, pool } = await open({ size: 3 });
    const answers = [pool.send(ask('A')), pool.send(ask('B')), pool.send(ask('C', { slow: true }))];
    const commands = [await server.received('A'), await server.received('B'), await server.received('C')];
    const closing = pool.close(5000);
    expect(await failureOf(pool.send(ask('D')))).toMatchObject(unreachable);
    for (const [n, command] of commands.entries()) server.ok(command, { n });
    expect(await Promise.all(answers.map(responseOf))).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
    await closing;
    await Promise.all(server.connections.map(({ ended }) => ended));
    expect(pool.connections.map(({ state }) => state)).toEqual(['closed', 'closed', 'closed']);
    expect(server.connections).toHaveLength(3);
  });

  test('closing lets a command finish that stands behind one given up on', async () => {
    const { server, pool } = await open();
    const silent = failureOf(pool.send(ask('Silent', { timeoutMs: 500 })));
    const behind = pool.send(ask('Behind'));
    await silent;
    const closing = pool.close(5000);
    server.ok(await server.received('Silent'));
    server.ok(await server.received('Behind'), { n: 1 });
    expect(await responseOf(behind)).toEqual({ n: 1 });
    await closing;
  });

  test('closing waits for nobody who gave up', async () => {
    const { server, pool } = await open();
    const silent = failureOf(pool.send(ask('Silent', { timeoutMs: 300 })));
    await silent;
    await pool.close(60_000);
    await server.connections[0]?.ended;
  });

  test('closing ends after the grace what is still in flight, and tells the truth about it', async () => {
    const { server, pool } = await open({ size: 2 });
    const sent = failureOf(pool.send(ask('A', { repeatable: true, slow: true })));
    const waiting = failureOf(pool.send(ask('B', { slow: true })));
    await server.received('A');
    await pool.close(50);
    expect(await sent).toMatchObject(lost);
    expect(await waiting).toMatchObject(unreachable);
    await Promise.all(server.connections.map(({ ended }) => ended));
    expect(server.commands).toHaveLength(1);
  });
});
