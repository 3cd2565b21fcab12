import { describe, expect, onTestFinished, test } from 'vitest';
import { answerOf } from '../../../src/catalog/execute.js';
import type { Answer } from '../../../src/catalog/execute.js';
import { PendingCommand } from '../../../src/upstreams/rcsp/pending-command.js';
import { PendingQueue } from '../../../src/upstreams/rcsp/pending-queue.js';
import { ask, failureOf } from '../../support/open-pool.js';

interface Pending extends PendingCommand {
  readonly answer: Promise<Answer>;
}

/** Settled with its test, so that no timer outlives it. */
function pending(name: string, policy: { slow?: boolean; timeoutMs?: number } = {}): Pending {
  let command: PendingCommand | undefined;
  const answer = answerOf((onEnd) => {
    command = new PendingCommand(ask(name, policy), onEnd);
  });
  answer.catch(() => undefined);
  onTestFinished(() => command!.reject(new Error('the test is over')));
  return Object.assign(command!, { answer });
}

/** A queue with these commands, `sent` of them handed over. */
function queueOf(commands: readonly PendingCommand[], sent: number): PendingQueue {
  const queue = new PendingQueue();
  for (const command of commands) queue.push(command);
  for (let i = 0; i < sent; i += 1) queue.handOver();
  return queue;
}

/** What is left to be handed over. */
function* unsentOf(queue: PendingQueue): Generator<PendingCommand> {
  for (let next = queue.handOver(); next !== undefined; next = queue.handOver()) yield next;
}

const answer = { kind: 'ok', trackId: '1', response: undefined, bytes: undefined } as const;

describe('the queue', () => {
  test('the queue hands commands over in their order, each marked as sent before it is seen', () => {
    const commands = [pending('A'), pending('B'), pending('C')];
    const queue = queueOf(commands, 0);
    const seen: [PendingCommand, boolean][] = [];
    for (const command of unsentOf(queue)) seen.push([command, command.sent]);
    expect(seen).toEqual(commands.map((each) => [each, true]));
  });

  test('the queue keeps what was not handed over when writing stops', () => {
    const commands = [pending('A'), pending('B'), pending('C')];
    const queue = queueOf(commands, 1);
    expect(commands.map(({ sent }) => sent)).toEqual([true, false, false]);
    expect([...unsentOf(queue)]).toEqual(commands.slice(1));
  });

  test('the queue hands over what is pushed while it hands over', () => {
    const [first, second] = [pending('A'), pending('B')];
    const queue = queueOf([first], 0);
    expect(queue.handOver()).toBe(first);
    queue.push(second);
    expect(queue.handOver()).toBe(second);
  });

  test('the queue has the oldest command in flight as its head, none before one is sent', () => {
    const commands = [pending('A'), pending('B')];
    expect(queueOf(commands, 0).head).toBeUndefined();
    const queue = queueOf(commands, 2);
    expect(queue.head).toBe(commands[0]);
    expect(queue.shift()).toBe(commands[0]);
    expect(queue.head).toBe(commands[1]);
    queue.shift();
    expect(queue.shift()).toBeUndefined();
  });

  test('the queue keeps the place of a command given up on in flight', async () => {
    const [late, next] = [pending('A', { timeoutMs: 1 }), pending('B')];
    const queue = queueOf([late, next], 2);
    expect(await failureOf(late.answer)).toMatchObject({ code: 'Timeout', outcome: 'no-answer' });
    queue.drop(late);
    expect(queue.head).toBe(late);
    expect(queue.size).toBe(2);
  });

  test('the queue never hands over a command given up on before it was sent', async () => {
    const [late, next] = [pending('A', { timeoutMs: 1 }), pending('B')];
    const queue = queueOf([late, next], 0);
    late.onGivenUp = () => queue.drop(late);
    expect(await failureOf(late.answer)).toMatchObject({ code: 'Timeout', outcome: 'not-sent' });
    expect(queue.size).toBe(1);
    expect([...unsentOf(queue)]).toEqual([next]);
  });

  test('the queue gives back what was sent and what was not when it is cleared', () => {
    const commands = [pending('A', { slow: true }), pending('B'), pending('C', { slow: true })];
    const queue = queueOf(commands, 2);
    expect(queue.clear()).toEqual({ unanswered: commands.slice(0, 2), unsent: commands.slice(2) });
    expect(queue).toMatchObject({ size: 0, hasSlow: false, head: undefined });
    expect(queue.clear()).toEqual({ unanswered: [], unsent: [] });
  });

  test('the queue knows whether a slow command is in it, sent or not', () => {
    const [first, second] = [pending('A', { slow: true }), pending('B', { slow: true })];
    const queue = queueOf([first, pending('C'), second], 1);
    expect(queue.hasSlow).toBe(true);
    queue.shift();
    expect(queue.hasSlow).toBe(true);
    queue.drop(second);
    expect(queue.hasSlow).toBe(false);
    queue.drop(second);
    expect(queue.hasSlow).toBe(false);
  });
});

describe('a command on its way', () => {
  test('a command on its way settles once', async () => {
    const command = pending('A');
    command.resolve(answer);
    command.reject(new Error('too late'));
    expect(await command.answer).toBe(answer);
    expect(command.settled).toBe(true);
  });

  test('a command on its way is not given up on after it was answered', async () => {
    const [answered, later] = [pending('A', { timeoutMs: 5 }), pending('B', { timeoutMs: 10 })];
    let givenUp = false;
    answered.onGivenUp = () => (givenUp = true);
    answered.resolve(answer);
    await failureOf(later.answer);
    expect(givenUp).toBe(false);
  });
});
