import { GatewayError, RejectedError } from '../../errors/errors.js';
import { Connection } from './connection.js';
import type { ConnectionOptions, ProtocolErrorKind } from './connection.js';
import type { EventMessage } from './protocol/message.js';
import { PendingCommand } from './pending-command.js';
import { streamKey } from '../source.js';
import type { EventSource, EventStream, OpenedStream, SourceListener } from '../source.js';

export interface RcspSourceOptions extends ConnectionOptions {
  /** Milliseconds that the studio has to answer a subscription. */
  readonly timeoutMs: number;
  readonly nextTrackId: () => string;
}

export interface RcspSourceListener extends SourceListener {
  readonly onConnectionState: (connection: Connection, cause: Error | undefined) => void;
  readonly onProtocolError: (kind: ProtocolErrorKind, detail: string) => void;
}

/** Milliseconds until a subscription that got no readable answer is asked for again. */
const RETRY_MS = 1000;

/** One user of a stream, waiting for it or not. */
interface User {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface OpenStream {
  readonly stream: EventStream;
  /** Without users it only waits to be unsubscribed. */
  readonly users: Set<User>;
  /** Whether this connection's studio was asked for it. */
  asked: boolean;
  /** Whether it said yes. */
  taken: boolean;
}

/**
 * RCSP events over a connection that carries nothing else: a subscription belongs to the connection that made
 * it and dies with it. After a reconnect every open stream is asked for before anything else goes out.
 */
export class RcspSource implements EventSource {
  readonly #options: RcspSourceOptions;
  readonly #listener: RcspSourceListener;
  readonly #connection: Connection;
  readonly #streams = new Map<string, OpenStream>();
  /** What `#devicesOf` found; until the streams change. */
  readonly #devices = new Map<string, readonly number[] | undefined>();
  #flush: NodeJS.Immediate | undefined;
  #again: NodeJS.Timeout | undefined;

  constructor(options: RcspSourceOptions, listener: RcspSourceListener) {
    this.#options = options;
    this.#listener = listener;
    this.#connection = new Connection(options, {
      onState: (connection, cause) => this.#onState(connection, cause),
      onEvent: (event) => this.#onEvent(event),
      onProtocolError: listener.onProtocolError,
      onEventLost: () => listener.onLost(),
      onProgress: () => undefined,
      onLeft: ({ unanswered, unsent }, cause) => {
        for (const command of [...unanswered, ...unsent]) command.reject(lost(cause));
      },
    });
  }

  get connected(): boolean {
    return this.#connection.isUp;
  }

  get connection(): Connection {
    return this.#connection;
  }

  start(): void {
    this.#connection.start();
  }

  stop(): void {
    clearImmediate(this.#flush);
    clearTimeout(this.#again);
    this.#connection.close(new Error('the gateway is shutting down'));
    for (const each of this.#streams.values())
      rejectAll(each, lost(new Error('the gateway is shutting down')));
    this.#streams.clear();
  }

  open(stream: EventStream): OpenedStream {
    const key = streamKey(stream);
    const open = this.#streams.get(key) ?? { stream, users: new Set(), asked: false, taken: false };
    this.#streams.set(key, open);
    this.#devices.clear();
    let user: User | undefined;
    const ready = new Promise<void>((resolve, reject) => {
      user = { resolve, reject };
      open.users.add(user);
    });
    if (open.taken) user?.resolve();
    if (!open.asked) this.#schedule();
    return { ready, close: () => this.#leave(open, user) };
  }

  #leave(open: OpenStream, user: User | undefined): void {
    if (user === undefined || !open.users.delete(user)) return;
    if (open.users.size === 0) this.#schedule();
  }

  #schedule(): void {
    this.#flush ??= setImmediate(() => this.#tell());
  }

  /** Tells the studio what changed, unsubscriptions first, one command for each target. */
  #tell(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    clearTimeout(this.#again);
    this.#again = undefined;
    this.#devices.clear();
    if (!this.connected) return;
    const ended: OpenStream[] = [];
    const opened: OpenStream[] = [];
    for (const [key, each] of this.#streams) {
      if (each.users.size === 0) this.#streams.delete(key);
      if (each.users.size === 0 && each.asked) ended.push(each);
      if (each.users.size > 0 && !each.asked) opened.push(each);
    }
    for (const group of byDevice(ended)) void this.#unsubscribe(group);
    for (const group of byDevice(opened)) void this.#subscribe(group);
  }

  async #subscribe(group: readonly OpenStream[]): Promise<void> {
    for (const each of group) each.asked = true;
    try {
      await this.#send('Subscribe', group);
      for (const each of group) take(each);
    } catch (error) {
      if (!(error instanceof RejectedError)) return this.#retry(group);
      if (group.length > 1) return this.#findRefused(group);
      for (const each of group) this.#refuse(each, error);
    }
  }

  /** Nobody knows whether the studio took it. A connection that is lost asks anew by itself. */
  #retry(group: readonly OpenStream[]): void {
    if (!this.connected) return;
    for (const each of group) each.asked = false;
    this.#again ??= setTimeout(() => this.#tell(), RETRY_MS);
  }

  /** One refused stream refuses the command that names it: each is asked for by itself. */
  async #findRefused(group: readonly OpenStream[]): Promise<void> {
    await Promise.all(group.map((each) => this.#subscribe([each])));
  }

  #refuse(open: OpenStream, error: RejectedError): void {
    this.#streams.delete(streamKey(open.stream));
    // Whoever waits hears it before what it leads to: the end of its use.
    rejectAll(open, error);
    this.#listener.onRefused(open.stream, error);
  }

  async #unsubscribe(group: readonly OpenStream[]): Promise<void> {
    // A device that is gone has no subscriptions either.
    await this.#send('Unsubscribe', group).catch(() => undefined);
  }

  async #send(verb: 'Subscribe' | 'Unsubscribe', group: readonly OpenStream[]): Promise<void> {
    const deviceId = group[0]?.stream.deviceId;
    const publishers = groupBy(group, (each) => each.stream.publisher);
    const Publishers = Array.from(publishers, ([Publisher, streams]) => ({
      Publisher,
      Topics: streams.map((each) => each.stream.topic),
    }));
    const command = new PendingCommand({
      command: {
        Command: deviceId === undefined ? verb : `Device${verb}`,
        TrackId: this.#options.nextTrackId(),
        Version: 1,
        Arguments: deviceId === undefined ? { Publishers } : { DeviceId: deviceId, Publishers },
      },
      slow: false,
      repeatable: false,
      timeoutMs: this.#options.timeoutMs,
    });
    this.#connection.send(command);
    await command.answer;
  }

  #onState(connection: Connection, cause: Error | undefined): void {
    this.#listener.onConnectionState(connection, cause);
    if (connection.isUp) {
      for (const each of this.#streams.values()) each.asked = each.taken = false;
      this.#tell();
      this.#listener.onSource(true);
    } else if (cause !== undefined) {
      this.#listener.onSource(false);
    }
  }

  /** An event that names no device is that of the only device subscribed to its publisher and topic. */
  #onEvent({ publisher, topic, data, bytes }: EventMessage): void {
    const devices = this.#devicesOf(publisher, topic);
    const deviceId = devices && (deviceNamed(data) ?? (devices.length === 1 ? devices[0] : undefined));
    if (devices === undefined || deviceId !== undefined)
      return this.#listener.onEvent({ publisher, topic, deviceId, data, bytes });
    this.#listener.onLost(devices.map((id) => ({ publisher, topic, deviceId: id })));
  }

  /** The devices whose stream of this name is open; undefined when it is one of the server's. */
  #devicesOf(publisher: string, topic: string): readonly number[] | undefined {
    const key = `${publisher}\n${topic}`;
    if (this.#devices.has(key)) return this.#devices.get(key);
    const found = [...this.#streams.values()].filter(
      ({ stream }) => stream.publisher === publisher && stream.topic === topic,
    );
    const ids = found.flatMap(({ stream }) => stream.deviceId ?? []);
    const devices = ids.length < found.length || found.length === 0 ? undefined : ids;
    this.#devices.set(key, devices);
    return devices;
  }
}

/** `EventData.DeviceId`, when there is one. */
export function deviceNamed(data: unknown): number | undefined {
  const named = typeof data === 'object' && data !== null && 'DeviceId' in data ? data.DeviceId : undefined;
  return typeof named === 'number' ? named : undefined;
}

function byDevice(streams: readonly OpenStream[]): readonly (readonly OpenStream[])[] {
  return [...groupBy(streams, (each) => each.stream.deviceId).values()];
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function take(open: OpenStream): void {
  open.taken = true;
  for (const { resolve } of open.users) resolve();
}

function rejectAll(open: OpenStream, error: Error): void {
  for (const { reject } of open.users) reject(error);
  open.users.clear();
}

function lost(cause: Error): GatewayError {
  return new GatewayError('Connection lost', `The connection for events died: ${cause.message}.`, {
    outcome: 'no-answer',
    cause,
  });
}
