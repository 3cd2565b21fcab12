import { GatewayError, RejectedError } from '../../errors/errors.js';
import { Connection } from './connection.js';
import { StreamRoutes } from './stream-routes.js';
import type { RcspSourceObserver, RcspSourceOptions } from './rcsp-source-options.js';
import { answerOf } from '../../catalog/execute.js';
import type { WireCommand } from '../../catalog/execute.js';
import type { EventMessage } from './protocol/message.js';
import { PeerError } from './protocol/peer.js';
import { PendingCommand } from './pending-command.js';
import type { EventSource, OpenedChannel, SourceListener } from '../source.js';
import { byDevice, freshStream, groupBy, rejectAll, take } from './open-stream.js';
import type { OpenStream, User } from './open-stream.js';
import { SilenceError, SilenceProbe } from './silence-probe.js';
import { channelOf, deviceNamed, streamOf } from './streams.js';

/** Milliseconds until a subscription that got no readable answer is asked for again. */
const RETRY_MS = 1000;
const SILENCE_MS = 15_000;
const PROBE_TIMEOUT_MS = 5000;

const NOBODY: SourceListener = {
  onEvent: () => undefined,
  onRefused: () => undefined,
  onLost: () => undefined,
  onSource: () => undefined,
  onOffers: () => undefined,
};

/**
 * RCSP events over a connection of their own: a subscription belongs to the connection that made it and dies with it.
 * After a reconnect every open stream is asked for before anything else goes out. Commands use it only while the studio
 * accepts no other connection (see `pool.ts`).
 */
export class RcspSource implements EventSource {
  readonly #options: RcspSourceOptions;
  readonly #observer: RcspSourceObserver;
  readonly #connection: Connection;
  /** By channel. */
  readonly #streams = new Map<string, OpenStream>();
  readonly #routes = new StreamRoutes(this.#streams);
  #listener: SourceListener = NOBODY;
  #offers: readonly string[] = [];
  /** Devices that came back since the last reading. */
  readonly #returned = new Set<number>();
  #isWatched = false;
  #flush: NodeJS.Immediate | undefined;
  #again: NodeJS.Timeout | undefined;
  readonly #probe: SilenceProbe;
  /** The last connection was silent or spoke no RCSP: the next one is told of when the studio has answered on it. */
  #isDoubted = false;

  constructor(options: RcspSourceOptions, observer: RcspSourceObserver) {
    this.#options = options;
    this.#observer = observer;
    this.#probe = this.#createProbe(options);
    this.#connection = new Connection(options, {
      onState: (connection, cause) => this.#onState(connection, cause),
      onEvent: (event) => this.#onEvent(event),
      onProtocolError: observer.onProtocolError,
      onRepaired: observer.onRepaired,
      onEventLost: (publisher) => this.#onEventLost(publisher),
      onProgress: () => observer.onProgress(),
      onLeft: ({ unanswered, unsent }, cause) => {
        for (const command of [...unanswered, ...unsent]) {
          if (command.onLeft === undefined) command.reject(lost(cause));
          else command.onLeft(command, cause);
        }
      },
    });
  }

  get id(): string {
    return this.#options.id;
  }

  get offers(): readonly string[] {
    return this.#offers;
  }

  /** Somebody waits for more than the studio offers now. */
  get isWatched(): boolean {
    return this.#isWatched;
  }

  get connected(): boolean {
    return this.#connection.isUp;
  }

  /** It is up, and not in doubt: the studio answers. */
  get isTrusted(): boolean {
    return this.connected && !this.#isDoubted;
  }

  /** The studio fell silent, or it spoke no RCSP, and has not answered since. */
  get isDoubted(): boolean {
    return this.#isDoubted;
  }

  get connection(): Connection {
    return this.#connection;
  }

  start(): void {
    this.#connection.start();
  }

  stop(): void {
    this.#probe.stop();
    clearImmediate(this.#flush);
    clearTimeout(this.#again);
    this.#connection.close(new Error('the gateway is shutting down'));
    for (const each of this.#streams.values())
      rejectAll(each, lost(new Error('the gateway is shutting down')));
    this.#streams.clear();
  }

  attach(listener: SourceListener): void {
    this.#listener = listener;
  }

  owns(channel: string): boolean {
    return streamOf(channel) !== undefined;
  }

  watch(isWatched: boolean): void {
    if (isWatched === this.#isWatched) return;
    this.#isWatched = isWatched;
    this.#observer.onWatch(isWatched);
  }

  /** @throws Error for what is no channel of an RCSP server */
  open(channel: string): OpenedChannel {
    const stream = streamOf(channel);
    if (stream === undefined) throw new Error(`${channel} is no channel of an RCSP server.`);
    const open = this.#streams.get(channel) ?? freshStream(channel, stream);
    this.#streams.set(channel, open);
    this.#routes.clear();
    let user: User | undefined;
    const ready = new Promise<void>((resolve, reject) => {
      user = { resolve, reject };
      open.users.add(user);
    });
    if (open.taken) user?.resolve();
    // Ask even when its device is away: the studio's refusal is the new user's answer.
    open.isSuspended = false;
    if (!open.asked) this.#schedule();
    return { ready, close: () => this.#leave(open, user) };
  }

  /** The studio's listings were read; `deviceIds` is undefined when the studio does not list its devices. */
  onListings(offers: readonly string[], deviceIds: ReadonlySet<number> | undefined): void {
    this.#offers = offers;
    if (deviceIds !== undefined) this.#followDevices(deviceIds);
    else this.#resume(this.#returned);
    this.#returned.clear();
    this.#listener.onOffers();
  }

  /**
   * A device went or came, and its subscriptions ended with it. They are asked for again once it is listed, or, where
   * the studio lists no devices, after the next reading.
   */
  onDevice(deviceId: number, isBack: boolean): void {
    const own = [...this.#streams.values()].filter((each) => each.deviceId === deviceId);
    this.#suspend(own);
    if (isBack && own.length > 0) this.#returned.add(deviceId);
    else this.#returned.delete(deviceId);
  }

  /** The studio may still hold the subscriptions of a device that is gone: they are ended explicitly. */
  #suspend(streams: readonly OpenStream[]): void {
    this.#routes.clear();
    const asked = streams.filter((each) => each.asked);
    for (const each of streams) {
      each.asked = each.taken = false;
      each.isSuspended = true;
    }
    if (this.connected) for (const group of byDevice(asked)) void this.#unsubscribe(group);
  }

  #followDevices(deviceIds: ReadonlySet<number>): void {
    const ofDevices = [...this.#streams.values()].filter((each) => each.deviceId !== undefined);
    const isThere = (each: OpenStream): boolean =>
      each.deviceId !== undefined && deviceIds.has(each.deviceId);
    this.#suspend(ofDevices.filter((each) => each.asked && !isThere(each)));
    this.#resume(deviceIds);
  }

  #resume(deviceIds: ReadonlySet<number>): void {
    const back = [...this.#streams.values()].filter(
      (each) => each.isSuspended && each.deviceId !== undefined && deviceIds.has(each.deviceId),
    );
    for (const each of back) each.isSuspended = false;
    if (back.length === 0) return;
    this.#tell();
    this.#listener.onLost(back.map(({ channel }) => channel));
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
    this.#routes.clear();
    if (!this.connected) return;
    const ended: OpenStream[] = [];
    const opened: OpenStream[] = [];
    for (const [channel, each] of this.#streams) {
      if (each.users.size === 0) this.#streams.delete(channel);
      if (each.users.size === 0 && each.asked) ended.push(each);
      if (each.users.size > 0 && !each.asked && !each.isSuspended) opened.push(each);
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

  /** One refused stream refuses the command that names it: it is found by halving. */
  async #findRefused(group: readonly OpenStream[]): Promise<void> {
    const half = Math.ceil(group.length / 2);
    await Promise.all([this.#subscribe(group.slice(0, half)), this.#subscribe(group.slice(half))]);
  }

  #refuse(open: OpenStream, error: RejectedError): void {
    this.#streams.delete(open.channel);
    // Whoever waits learns of it before its use ends.
    rejectAll(open, error);
    this.#listener.onRefused(open.channel, error);
  }

  async #unsubscribe(group: readonly OpenStream[]): Promise<void> {
    // A device that is gone has no subscriptions either.
    await this.#send('Unsubscribe', group).catch(() => undefined);
  }

  async #send(verb: 'Subscribe' | 'Unsubscribe', group: readonly OpenStream[]): Promise<void> {
    const deviceId = group[0]?.deviceId;
    const publishers = groupBy(group, (each) => each.publisher);
    const Publishers = Array.from(publishers, ([Publisher, streams]) => ({
      Publisher,
      Topics: streams.map((each) => each.topic),
    }));
    const args = deviceId === undefined ? { Publishers } : { DeviceId: deviceId, Publishers };
    await this.#ask(deviceId === undefined ? verb : `Device${verb}`, args, this.#options.timeoutMs);
  }

  async #ask(name: string, args: WireCommand['command']['Arguments'], timeoutMs: number): Promise<void> {
    const TrackId = this.#options.nextTrackId();
    const request: WireCommand = {
      command: { Command: name, TrackId, Version: 1, ...(args && { Arguments: args }) },
      slow: false,
      repeatable: false,
      timeoutMs,
    };
    await answerOf((onEnd) => this.#connection.send(new PendingCommand(request, onEnd)));
  }

  #createProbe({
    silenceMs = SILENCE_MS,
    probeTimeoutMs = PROBE_TIMEOUT_MS,
  }: RcspSourceOptions): SilenceProbe {
    return new SilenceProbe({
      silenceMs,
      heardAt: () => this.#connection.heardAt,
      // A probe would wait behind what is in flight, which has its own timeout.
      ask: async () => {
        if (this.#connection.load === 0 || this.#isDoubted)
          await this.#ask('Info', undefined, probeTimeoutMs);
      },
      onAlive: () => {
        if (this.#isDoubted) this.#announce();
      },
      onSilent: () => {
        const reason = `silent, and Info not answered within ${probeTimeoutMs} ms`;
        this.#connection.replace(new SilenceError(reason));
      },
    });
  }

  #announce(): void {
    this.#isDoubted = false;
    this.#listener.onSource(true);
    this.#observer.onConnected(true, undefined);
  }

  #onState(connection: Connection, cause: Error | undefined): void {
    this.#observer.onConnectionState(connection, cause);
    if (connection.isUp) {
      for (const each of this.#streams.values()) each.asked = each.taken = each.isSuspended = false;
      this.#tell();
      this.#probe.start(this.#isDoubted);
      if (!this.#isDoubted) this.#announce();
    } else if (cause !== undefined) {
      if (cause instanceof SilenceError || cause instanceof PeerError) this.#isDoubted = true;
      this.#probe.stop();
      this.#listener.onSource(false);
      this.#observer.onConnected(false, cause);
    }
  }

  /** Without a publisher nobody knows whose event it was: it may be missing from any channel. */
  #onEventLost(publisher: string | undefined): void {
    if (publisher === undefined) return this.#listener.onLost();
    const own = [...this.#streams.values()].filter((each) => each.publisher === publisher);
    // What nobody has subscribed to may be a publisher that was read wrongly.
    this.#listener.onLost(own.length === 0 ? undefined : own.map(({ channel }) => channel));
  }

  /** An event that names no device is that of the only device subscribed to its publisher and topic. */
  #onEvent(event: EventMessage): void {
    const route = this.#routes.of(event);
    const named = route.isServer ? undefined : deviceNamed(event.data);
    const deviceId = named ?? (route.channels.length === 1 ? route.deviceId : undefined);
    this.#observer.onEvent(event, deviceId);
    if (route.isServer) return this.#listener.onEvent(route.channel, event.bytes);
    if (deviceId !== undefined) return this.#listener.onEvent(channelOf({ ...event, deviceId }), event.bytes);
    this.#observer.onUnplaced(route.channels);
    this.#listener.onLost(route.channels);
  }
}

function lost(cause: Error): GatewayError {
  return new GatewayError('Connection lost', `The connection for events died: ${cause.message}.`, {
    outcome: 'no-answer',
    cause,
  });
}
