import { describe, expect, test } from 'vitest';
import { allUp, ask, failureOf, openPool, responseOf } from '../../support/open-pool.js';
import type { OpenPool } from '../../support/open-pool.js';
import { ScriptedServer } from '../../support/scripted-server.js';
import type { ReceivedCommand, ScriptedConnection } from '../../support/scripted-server.js';

interface Studio extends OpenPool {
  readonly server: ScriptedServer;
  /** Slow commands that came and are held. */
  readonly held: () => ReceivedCommand[];
  readonly release: (command: ReceivedCommand | undefined) => void;
}

/** Answers each connection in order, as RCSP has it: what stands behind a held slow command is held up. */
async function studio(size: number): Promise<Studio> {
  const server = await ScriptedServer.start();
  const released = new Set<ReceivedCommand>();
  const answered = new Set<ReceivedCommand>();

  function answer(connection: ScriptedConnection): void {
    for (const command of connection.commands) {
      if (answered.has(command)) continue;
      if (command.name === 'Slow' && !released.has(command)) return;
      answered.add(command);
      server.ok(command, command.args);
    }
  }
  server.onCommand = ({ connection }) => answer(connection);
  return {
    server,
    ...(await openPool(server.port, { size })),
    held: () => server.named('Slow').filter((each) => !answered.has(each)),
    release(command) {
      if (command === undefined) throw new Error('nothing is held');
      released.add(command);
      answer(command.connection);
    },
  };
}

function slow(n: number): ReturnType<typeof ask> {
  return ask('Slow', { slow: true, args: { n } });
}

/** One that the held commands would time out, were it behind one of them. */
function quick(n: number): ReturnType<typeof ask> {
  return ask('Quick', { args: { n }, timeoutMs: 3000 });
}

describe('slow commands', () => {
  test('delay no quick one, ten of them in flight', async () => {
    const { pool, held, release, server } = await studio(4);
    const answers = Array.from({ length: 10 }, (_, n) => responseOf(pool.send(slow(n))));
    await server.received('Slow', 3);
    const replies = Array.from({ length: 200 }, (_, n) => responseOf(pool.send(quick(n))));
    expect(await Promise.all(replies)).toEqual(replies.map((_, n) => ({ n })));
    expect(held()).toHaveLength(3);
    for (let nth = 1; nth <= 10; nth += 1) release(await server.received('Slow', nth));
    expect(await Promise.all(answers)).toEqual(answers.map((_, n) => ({ n })));
  });

  test('slow commands never have quick ones behind them while another connection is free', async () => {
    const { pool, server } = await studio(3);
    const running = failureOf(pool.send(slow(0)));
    const { connection } = await server.received('Slow');
    await Promise.all(Array.from({ length: 30 }, (_, n) => pool.send(quick(n))));
    expect(connection.commands.map(({ name }) => name)).toEqual(['Slow']);
    await pool.close(0);
    expect(await running).toMatchObject({ code: 'Connection lost' });
  });

  test.each([2, 3, 4])('slow commands run at once on all but one of %i connections', async (size) => {
    const { pool, held, release, server } = await studio(size);
    const answers = Array.from({ length: size + 1 }, (_, n) => pool.send(slow(n)));
    await server.received('Slow', size - 1);
    // Were a further one under way, it would come before this answer or behind it on the same connection.
    await pool.send(quick(0));
    expect(held()).toHaveLength(size - 1);
    expect(new Set(held().map(({ connection }) => connection)).size).toBe(size - 1);
    for (let nth = 1; nth <= size + 1; nth += 1) release(await server.received('Slow', nth));
    await Promise.all(answers);
  });

  test('slow commands run in the order in which they were asked', async () => {
    const { pool, held, release, server } = await studio(2);
    const answers = Array.from({ length: 4 }, (_, n) => pool.send(slow(n)));
    for (let nth = 1; nth <= 4; nth += 1) {
      await server.received('Slow', nth);
      expect(held().map(({ args }) => args)).toEqual([{ n: nth - 1 }]);
      release(held()[0]);
    }
    await Promise.all(answers);
  });

  test('slow commands run in a pool of one, one after another', async () => {
    const { pool, held, release, server } = await studio(1);
    const answers = [pool.send(slow(0)), pool.send(slow(1))];
    release(await server.received('Slow', 1));
    expect(await responseOf(answers[0]!)).toEqual({ n: 0 });
    release(await server.received('Slow', 2));
    expect(await responseOf(answers[1]!)).toEqual({ n: 1 });
    expect(held()).toEqual([]);
  });

  test('block their connection although they were given up on', async () => {
    const { pool, server } = await studio(3);
    const failure = failureOf(pool.send(ask('Slow', { slow: true, timeoutMs: 500 })));
    const { connection } = await server.received('Slow');
    expect(await failure).toMatchObject({ code: 'Timeout', outcome: 'no-answer' });
    await Promise.all(Array.from({ length: 10 }, (_, n) => pool.send(quick(n))));
    expect(connection.commands).toHaveLength(1);
  });

  test('that wait run when a connection comes back', async () => {
    const { pool, server, release } = await studio(2);
    const lost = failureOf(pool.send(slow(0)));
    const waiting = responseOf(pool.send(slow(1)));
    (await server.received('Slow')).connection.destroy();
    expect(await lost).toMatchObject({ code: 'Connection lost', outcome: 'no-answer' });
    release(await server.received('Slow', 2));
    expect(await waiting).toEqual({ n: 1 });
    await allUp(pool);
  });
});

describe('commands', () => {
  test('writes spread over the connections', async () => {
    const { pool, server } = await studio(4);
    await Promise.all(Array.from({ length: 8 }, (_, n) => pool.send(quick(n))));
    expect(server.connections.map(({ commands }) => commands.length)).toEqual([2, 2, 2, 2]);
  });

  test('reads of one turn share connections, eight on each', async () => {
    const { pool, server } = await studio(4);
    const read = { timeoutMs: 3000, repeatable: true };
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => pool.send(ask('Quick', { args: { n }, ...read }))),
    );
    expect(server.connections.map(({ commands }) => commands.length)).toEqual([8, 8, 4, 0]);
  });

  test('reads spread over the connections of a studio that takes its time', async () => {
    const { pool, server, release } = await studio(2);
    const answer = pool.send(ask('Slow', { repeatable: true }));
    const held = await server.received('Slow');
    await new Promise((resolve) => setTimeout(resolve, 15));
    release(held);
    await answer;
    const read = { timeoutMs: 3000, repeatable: true };
    await Promise.all(Array.from({ length: 6 }, (_, n) => pool.send(ask('Quick', { args: { n }, ...read }))));
    const counts = server.connections.map(
      ({ commands }) => commands.filter(({ name }) => name === 'Quick').length,
    );
    expect(counts).toEqual([3, 3]);
  });

  test('commands of a later turn go where the fewest wait', async () => {
    const { pool, server } = await studio(2);
    const held = failureOf(pool.send(ask('Slow')));
    const { connection } = await server.received('Slow');
    await pool.send(quick(0));
    expect(server.named('Quick')[0]!.connection).not.toBe(connection);
    await pool.close(0);
    expect(await held).toMatchObject({ code: 'Connection lost' });
  });

  test('commands avoid a connection whose oldest command is late, however many wait elsewhere', async () => {
    const { pool, server } = await studio(2);
    const hanging = failureOf(pool.send(ask('Slow')));
    const { connection } = await server.received('Slow');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all(Array.from({ length: 40 }, (_, n) => pool.send(quick(n))));
    expect(connection.commands.map(({ name }) => name)).toEqual(['Slow']);
    await pool.close(0);
    expect(await hanging).toMatchObject({ code: 'Connection lost' });
  });

  test('writes behind one that hangs stay, and are sent once', async () => {
    const { pool, server, held, release } = await studio(2);
    const hanging = [0, 1].map((n) => responseOf(pool.send(ask('Slow', { args: { n }, timeoutMs: 5000 }))));
    const writes = [0, 1].map((n) => responseOf(pool.send(quick(n))));
    await server.received('Quick', 2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.named('Quick')).toHaveLength(2);
    for (const command of held()) release(command);
    expect(await Promise.all([...hanging, ...writes])).toEqual([{ n: 0 }, { n: 1 }, { n: 0 }, { n: 1 }]);
    expect(server.named('Quick')).toHaveLength(2);
  });

  test('reads behind one that hangs stay, and are sent once', async () => {
    const { pool, server, held, release } = await studio(1);
    const read = { timeoutMs: 5000, repeatable: true };
    const answers = ['Slow', 'Quick'].map((name) =>
      responseOf(pool.send(ask(name, { args: { name }, ...read }))),
    );
    await server.received('Quick');
    await new Promise((resolve) => setTimeout(resolve, 100));
    release(held()[0]);
    expect(await Promise.all(answers)).toEqual([{ name: 'Slow' }, { name: 'Quick' }]);
    expect(server.named('Quick')).toHaveLength(1);
  });

  test('that a dying connection had not sent move to another, and are sent once', async () => {
    const { pool, server } = await studio(2);
    const big = failureOf(pool.send(ask('Big', { args: { Data: 'x'.repeat(24 * 1024 * 1024) } })));
    const held = responseOf(pool.send(slow(0)));
    const { connection: other } = await server.received('Slow');
    const full = server.connections.find((each) => each !== other)!;
    full.stopReading();
    // The connection with the slow command is avoided, so these stand behind the big one, unsent.
    const unsent = Array.from({ length: 5 }, (_, n) =>
      responseOf(pool.send(ask('SetDeviceName', { args: { n } }))),
    );
    full.destroy();
    expect(await big).toMatchObject({ code: 'Connection lost', outcome: 'no-answer' });
    for (let nth = 1; nth <= 5; nth += 1) {
      expect((await server.received('SetDeviceName', nth)).connection).toBe(other);
    }
    server.ok(server.named('Slow')[0]!, { n: 0 });
    for (const command of server.named('SetDeviceName')) server.ok(command, command.args);
    expect(await held).toEqual({ n: 0 });
    expect(await Promise.all(unsent)).toEqual(unsent.map((_, n) => ({ n })));
    expect(server.named('SetDeviceName')).toHaveLength(5);
  });
});
