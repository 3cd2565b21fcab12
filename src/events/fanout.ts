import type { ChannelEvent } from './channel-event.js';
import type { Framing } from './delivery.js';
import type { Subscriber } from './subscriber.js';

/** Clients that get the same bytes: the same channels, in the same framing. */
interface Group {
  readonly key: string;
  readonly framing: Framing;
  readonly channels: readonly string[];
  readonly subscribers: Set<Subscriber>;
  /** Events of this turn of the event loop. */
  pending: ChannelEvent[];
}

/**
 * From events to clients: one write for each client and turn of the event loop, however many events the turn had,
 * and the same bytes for all clients that listen to the same channels. The flush comes in the same turn.
 */
export class Fanout {
  readonly #groups = new Map<string, Group>();
  readonly #groupOf = new Map<Subscriber, Group>();
  readonly #listening = new Map<string, Set<Group>>();
  /** Clients that want a channel at a limited rate. */
  readonly #paced = new Map<string, Set<Subscriber>>();
  #dirty: Group[] = [];
  #flush: NodeJS.Immediate | undefined;

  publish(event: ChannelEvent): void {
    for (const group of this.#listening.get(event.channel) ?? []) {
      if (group.pending.length === 0) this.#dirty.push(group);
      group.pending.push(event);
    }
    const paced = this.#paced.get(event.channel);
    if (paced !== undefined) {
      const now = performance.now();
      for (const subscriber of paced) subscriber.offer(event, now);
    }
    if (this.#dirty.length > 0) this.#flush ??= setImmediate(() => this.flush());
  }

  /** Sends the events of this turn so far. Called before subscriptions change. */
  flush(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    const dirty = this.#dirty;
    this.#dirty = [];
    const frame = frameOnce();
    for (const group of dirty) {
      const { framing, pending, subscribers } = group;
      group.pending = [];
      const batch = framing.batch(pending.map((event) => frame(event, framing)));
      for (const subscriber of subscribers) subscriber.deliver(pending, batch);
    }
  }

  /** Moves a client to the group of its channels. */
  place(subscriber: Subscriber): void {
    this.remove(subscriber);
    subscriber.settle();
    const shared: string[] = [];
    for (const channel of subscriber.modes.keys()) {
      if (subscriber.isPaced(channel)) addTo(this.#paced, channel, subscriber);
      else shared.push(channel);
    }
    if (shared.length > 0) this.#join(subscriber, shared.sort());
  }

  remove(subscriber: Subscriber): void {
    this.flush();
    for (const [channel, paced] of this.#paced)
      if (paced.delete(subscriber) && paced.size === 0) this.#paced.delete(channel);
    const group = this.#groupOf.get(subscriber);
    if (group === undefined) return;
    this.#groupOf.delete(subscriber);
    group.subscribers.delete(subscriber);
    if (group.subscribers.size > 0) return;
    this.#groups.delete(group.key);
    for (const channel of group.channels) removeFrom(this.#listening, channel, group);
  }

  /** Every listener of a channel, in any mode. */
  *listeners(channel: string): Generator<Subscriber> {
    for (const group of this.#listening.get(channel) ?? []) yield* group.subscribers;
    yield* this.#paced.get(channel) ?? [];
  }

  hasListeners(channel: string): boolean {
    return this.#listening.has(channel) || this.#paced.has(channel);
  }

  #join(subscriber: Subscriber, channels: readonly string[]): void {
    const { framing } = subscriber.sink;
    const key = JSON.stringify([framing.name, channels]);
    const group = this.#groups.get(key) ?? this.#open(key, framing, channels);
    group.subscribers.add(subscriber);
    this.#groupOf.set(subscriber, group);
  }

  #open(key: string, framing: Framing, channels: readonly string[]): Group {
    const group: Group = { key, framing, channels, subscribers: new Set(), pending: [] };
    this.#groups.set(key, group);
    for (const channel of channels) addTo(this.#listening, channel, group);
    return group;
  }
}

/** Frames each event once a framing, for all groups that are served together. */
function frameOnce(): (event: ChannelEvent, framing: Framing) => Buffer {
  const made = new Map<Framing, Map<ChannelEvent, Buffer>>();
  return (event, framing) => {
    const own = made.get(framing) ?? new Map<ChannelEvent, Buffer>();
    made.set(framing, own);
    const frame = own.get(event) ?? framing.event(event);
    own.set(event, frame);
    return frame;
  };
}

function addTo<T>(sets: Map<string, Set<T>>, key: string, item: T): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([item]));
  else set.add(item);
}

function removeFrom<T>(sets: Map<string, Set<T>>, key: string, item: T): void {
  const set = sets.get(key);
  if (set?.delete(item) && set.size === 0) sets.delete(key);
}
