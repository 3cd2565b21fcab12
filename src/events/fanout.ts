import { eventHead } from './channel-event.js';
import type { ChannelEvent, EventHead } from './channel-event.js';
import type { Framing } from './delivery.js';
import type { Subscriber } from './subscriber.js';

/** Clients that get the same bytes: the same channels, in the same framing. */
interface Group {
  readonly key: string;
  readonly framing: Framing;
  readonly channels: readonly Listening[];
  readonly subscribers: Set<Subscriber>;
  /** Events of this turn of the event loop. */
  pending: ChannelEvent[];
}

/** A channel, and the name under which those who listen have it. */
interface Listened {
  readonly fullName: string;
  readonly head: EventHead;
}

interface Listening extends Listened {
  readonly group: Group;
}

/** A client that wants a channel at a limited rate. */
interface PacedListening extends Listened {
  readonly subscriber: Subscriber;
}

/**
 * From events to clients: one write for each client and turn of the event loop, however many events the turn had,
 * and the same bytes for all clients that listen to the same channels. The flush comes in the same turn.
 */
export class Fanout {
  readonly #groups = new Map<string, Group>();
  readonly #groupOf = new Map<Subscriber, Group>();
  readonly #listening = new Map<string, Set<Listening>>();
  readonly #paced = new Map<string, Set<PacedListening>>();
  readonly #pacedOf = new Map<Subscriber, readonly PacedListening[]>();
  #dirty: Group[] = [];
  #flush: NodeJS.Immediate | undefined;

  /** `fullName` is that of its channel. */
  publish(event: ChannelEvent, fullName = event.channel): void {
    const named = namedOnce(event);
    for (const { group, head } of this.#listening.get(fullName) ?? NOBODY) {
      if (group.pending.length === 0) this.#dirty.push(group);
      group.pending.push(named(head));
    }
    const paced = this.#paced.get(fullName);
    if (paced !== undefined) {
      const now = performance.now();
      for (const { subscriber, head } of paced) subscriber.offer(named(head), now);
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

  /** Moves a client to the group of its channels; `fullNames` are those of the names that it uses, where they differ. */
  place(subscriber: Subscriber, fullNames: ReadonlyMap<string, string> = new Map()): void {
    this.remove(subscriber);
    subscriber.settle();
    const shared: string[] = [];
    const paced: PacedListening[] = [];
    for (const name of subscriber.modes.keys()) {
      if (!subscriber.isPaced(name)) shared.push(name);
      else paced.push({ subscriber, fullName: fullNames.get(name) ?? name, head: eventHead(name) });
    }
    for (const each of paced) addTo(this.#paced, each.fullName, each);
    if (paced.length > 0) this.#pacedOf.set(subscriber, paced);
    if (shared.length > 0) this.#join(subscriber, shared.sort(), fullNames);
  }

  remove(subscriber: Subscriber): void {
    this.flush();
    for (const each of this.#pacedOf.get(subscriber) ?? []) removeFrom(this.#paced, each.fullName, each);
    this.#pacedOf.delete(subscriber);
    const group = this.#groupOf.get(subscriber);
    if (group === undefined) return;
    this.#groupOf.delete(subscriber);
    group.subscribers.delete(subscriber);
    if (group.subscribers.size > 0) return;
    this.#groups.delete(group.key);
    for (const each of group.channels) removeFrom(this.#listening, each.fullName, each);
  }

  /** Every listener of a channel, in any mode, with the name that it uses. */
  *listeners(fullName: string): Generator<readonly [Subscriber, name: string]> {
    for (const { group, head } of this.#listening.get(fullName) ?? [])
      for (const each of group.subscribers) yield [each, head.channel];
    for (const { subscriber, head } of this.#paced.get(fullName) ?? []) yield [subscriber, head.channel];
  }

  hasListeners(fullName: string): boolean {
    return this.#listening.has(fullName) || this.#paced.has(fullName);
  }

  #join(subscriber: Subscriber, names: readonly string[], fullNames: ReadonlyMap<string, string>): void {
    const { framing } = subscriber.sink;
    const full = names.map((name) => fullNames.get(name) ?? name);
    const key = JSON.stringify([framing.name, names, full]);
    const group = this.#groups.get(key) ?? this.#open(key, framing, names, full);
    group.subscribers.add(subscriber);
    this.#groupOf.set(subscriber, group);
  }

  #open(key: string, framing: Framing, names: readonly string[], fullNames: readonly string[]): Group {
    const channels: Listening[] = [];
    const group: Group = { key, framing, channels, subscribers: new Set(), pending: [] };
    this.#groups.set(key, group);
    names.forEach((name, i) => {
      const listening = { fullName: fullNames[i] ?? name, head: eventHead(name), group };
      channels.push(listening);
      addTo(this.#listening, listening.fullName, listening);
    });
    return group;
  }
}

const NOBODY: ReadonlySet<Listening> = new Set();

/** The event under each name once, for all who have it under that name. */
function namedOnce(event: ChannelEvent): (head: EventHead) => ChannelEvent {
  let other: ChannelEvent | undefined;
  return (head) => {
    if (head.channel === event.channel) return event;
    // A channel has two names: with its studio in front, and without.
    if (other?.channel !== head.channel) other = event.as(head);
    return other;
  };
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
