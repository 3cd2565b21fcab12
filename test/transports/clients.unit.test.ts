import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Clients } from '../../src/transports/clients.js';
import type { Client } from '../../src/transports/clients.js';
import { HubClient, makeHub } from '../events/fakes.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start({ maxClients = 10 } = {}) {
  const { hub } = makeHub();
  const clients = new Clients({ hub, maxClients, pingMs: 15_000, stallMs: 30_000 });
  return { hub, clients };
}

/** A connection that answers its pings unless it is told not to. */
class Connection extends HubClient implements Client {
  isStillAuthorized = true;
  closeAfterReplies = (code: number, reason: string): void => this.subscriber.close(code, reason);
  readonly transport = this;
  takenBytes = 0;
  answeredAt: number | undefined = performance.now();
  answers = true;
  readonly pings: number[] = [];
  terminated = 0;

  ping(): void {
    this.pings.push(performance.now());
    if (this.answers) this.answeredAt = performance.now();
  }

  terminate(): void {
    this.terminated += 1;
  }
}

describe('clients', () => {
  test('clients are asked for a sign of life at every interval', () => {
    const { hub, clients } = start();
    const [connection, began] = [new Connection(hub), performance.now()];
    clients.add(connection);
    vi.advanceTimersByTime(14_000);
    expect(connection.pings).toEqual([]);
    vi.advanceTimersByTime(46_500);
    expect(connection.pings.map((at) => at - began)).toEqual([15_000, 30_000, 45_000, 60_000]);
    expect(connection.terminated).toBe(0);
    clients.remove(connection);
  });

  test('clients are terminated after two intervals without an answer, and the others are not', () => {
    const { hub, clients } = start();
    const [dead, alive] = [new Connection(hub), new Connection(hub)];
    dead.answers = false;
    clients.add(dead);
    clients.add(alive);
    vi.advanceTimersByTime(30_000);
    expect(dead.terminated).toBe(0);
    vi.advanceTimersByTime(3000);
    expect(dead.terminated).toBeGreaterThan(0);
    expect(alive.terminated).toBe(0);
    for (const each of [dead, alive]) clients.remove(each);
  });

  test('clients need not answer where nothing is ever answered', () => {
    const { hub, clients } = start();
    const connection = new Connection(hub);
    connection.answers = false;
    connection.answeredAt = undefined;
    clients.add(connection);
    vi.advanceTimersByTime(600_000);
    expect(connection.terminated).toBe(0);
    expect(connection.pings.length).toBeGreaterThanOrEqual(39);
    clients.remove(connection);
  });

  test('clients are closed with 1013 when something waits and nothing was taken for too long', () => {
    const { hub, clients } = start();
    const connection = new Connection(hub);
    clients.add(connection);
    vi.advanceTimersByTime(5000);
    connection.sink.isFree = false;
    connection.subscriber.tell({ op: 'pong' });
    vi.advanceTimersByTime(29_000);
    expect(connection.sink.closed).toEqual([]);
    vi.advanceTimersByTime(3000);
    expect(connection.sink.closed).toMatchObject([{ code: 1013 }]);
    clients.remove(connection);
  });

  test('clients are stuck as well when what waits is on its way', () => {
    const { hub, clients } = start();
    const connection = new Connection(hub);
    clients.add(connection);
    connection.sink.pendingBytes = 1;
    vi.advanceTimersByTime(32_000);
    expect(connection.sink.closed).toMatchObject([{ code: 1013 }]);
    clients.remove(connection);
  });

  test('clients are not stuck as long as they take a little', () => {
    const { hub, clients } = start();
    const connection = new Connection(hub);
    clients.add(connection);
    connection.sink.isFree = false;
    connection.subscriber.tell({ op: 'pong' });
    for (let i = 0; i < 10; i += 1) {
      connection.takenBytes += 1;
      vi.advanceTimersByTime(28_000);
    }
    expect(connection.sink.closed).toEqual([]);
    clients.remove(connection);
  });

  test('clients are not stuck when nothing waits for them', () => {
    const { hub, clients } = start();
    const connection = new Connection(hub);
    clients.add(connection);
    vi.advanceTimersByTime(120_000);
    expect(connection.sink.closed).toEqual([]);
    clients.remove(connection);
  });

  test('clients leave the hub when their connection is gone', async () => {
    const { hub, clients } = start();
    const connection = new Connection(hub);
    clients.add(connection);
    await connection.subscribe(['Logs/Info']);
    expect([...hub.subscribers]).toEqual([connection.subscriber]);
    clients.remove(connection);
    expect([...hub.subscribers]).toEqual([]);
    expect(connection.subscriber.ended).toBe(true);
    hub.close();
  });

  test('clients are looked at as long as there are any, and no longer', () => {
    const { hub, clients } = start();
    const [one, two] = [new Connection(hub), new Connection(hub)];
    expect(vi.getTimerCount()).toBe(0);
    clients.add(one);
    clients.add(two);
    expect(vi.getTimerCount()).toBe(1);
    clients.remove(one);
    clients.remove(one);
    expect(vi.getTimerCount()).toBe(1);
    clients.remove(two);
    expect(vi.getTimerCount()).toBe(0);
    clients.add(one);
    expect(vi.getTimerCount()).toBe(1);
    clients.remove(one);
  });

  test('clients are so many at most', () => {
    const { hub, clients } = start({ maxClients: 2 });
    const connections = [new Connection(hub), new Connection(hub)];
    expect(clients.isFull).toBe(false);
    for (const each of connections) clients.add(each);
    expect([clients.count, clients.isFull]).toEqual([2, true]);
    clients.remove(connections[0]!);
    expect([clients.count, clients.isFull]).toEqual([1, false]);
    clients.remove(connections[1]!);
  });

  test('clients are told goodbye with 1001', () => {
    const { hub, clients } = start();
    const connections = [new Connection(hub), new Connection(hub)];
    for (const each of connections) clients.add(each);
    clients.close();
    for (const { sink } of connections) expect(sink.closed).toMatchObject([{ code: 1001 }]);
    for (const each of connections) clients.remove(each);
  });
});
