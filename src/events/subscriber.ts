import type { ChannelEvent } from './channel-event.js';
import type { Sink } from './delivery.js';
import { NO_STUDIO } from './namespace.js';
import type { Namespace } from './namespace.js';
import { Outbox } from './outbox.js';
import type { Cursor } from '../wire/cursor.js';
import { missingCount } from '../wire/gap.js';
import type { Gap } from '../wire/gap.js';
import type { Mode } from '../wire/mode.js';

export interface SubscriberLimits {
  /** Bytes that may wait for one client, wherever they wait; a burst and the newest event may be more. */
  readonly maxBytes: number;
  /** Events that the client will not get. */
  readonly onDropped?: (reason: 'slow-client' | 'evicted', count: number) => void;
}

export const CLOSE = { shutdown: 1001, policy: 1008, tooSlow: 1013, unauthorized: 4401 } as const;

/** Bytes that go to the sink in one write, when a client catches up. */
export const BATCH_BYTES = 64 * 1024;

/** The share of a client's bytes that is kept for what comes behind a burst. */
const LEAST_SHARE = 0.25;

/** A channel that is wanted at a limited rate: when the next event is due, and which one waits for that. */
interface Pace {
  dueAt: number;
  event: ChannelEvent | undefined;
}

/**
 * One client. What it cannot take waits in its outbox, in bounds: answers and gaps are never dropped, events are
 * dropped oldest first, and one `gap` a channel tells exactly which. The newest may wait whatever its size. A client
 * that keeps up never uses it.
 */
export class Subscriber {
  readonly sink: Sink;
  /** What its channel names mean. */
  readonly namespace: Namespace;
  readonly #limits: SubscriberLimits;
  /** The mode of each channel that it listens to, by the name that it uses. */
  readonly modes = new Map<string, Mode>();
  /** Places up to which the client has events already, which are yet to come here. */
  #ahead: Map<string, Cursor> | undefined;
  #outbox: Outbox | undefined;
  #paced: Map<string, Pace> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Infinity;
  #ended = false;
  /** Found out when it is asked for, and forgotten when the modes change. */
  #wantsNewest: boolean | undefined;

  constructor(sink: Sink, limits: SubscriberLimits, namespace: Namespace = NO_STUDIO) {
    this.sink = sink;
    this.namespace = namespace;
    this.#limits = limits;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes that wait for it here. */
  get waitingBytes(): number {
    return this.#outbox?.bytes ?? 0;
  }

  /** Whether the client limits the rate of this channel: its events come one by one, through `offer`. */
  isPaced(channel: string): boolean {
    return typeof this.modes.get(channel) === 'object';
  }

  /** Whether only the newest matters to it: then little may wait where it cannot be replaced. */
  get wantsNewest(): boolean {
    return (this.#wantsNewest ??= this.modes.size > 0 && ![...this.modes.values()].includes('all'));
  }

  /** Events of one turn of the event loop; `batch` is the same, framed, and shared with other clients. */
  deliver(events: readonly ChannelEvent[], batch: readonly Buffer[]): void {
    if (this.#ended) return;
    if (this.#ahead !== undefined) return this.#deliverNew(events);
    if (this.#isCaughtUp()) this.sink.write(batch);
    else for (const event of events) this.#enqueue(event);
  }

  /** It had the events up to this place elsewhere: they are left out when they come. Undefined for none. */
  skipUpTo(channel: string, place: Cursor | undefined): void {
    if (place === undefined) return void this.#ahead?.delete(channel);
    this.#ahead ??= new Map();
    this.#ahead.set(channel, place);
  }

  #deliverNew(events: readonly ChannelEvent[]): void {
    const fresh = events.filter((event) => !this.#isKnown(event));
    if (this.#ahead?.size === 0) this.#ahead = undefined;
    if (this.#isCaughtUp()) {
      const { framing } = this.sink;
      if (fresh.length > 0) this.sink.write(framing.batch(fresh.map((event) => framing.event(event))));
    } else for (const event of fresh) this.#enqueue(event);
  }

  #isKnown({ channel, epoch, seq }: ChannelEvent): boolean {
    const place = this.#ahead?.get(channel);
    if (place === undefined) return false;
    const isKnown = place.epoch === epoch && seq <= place.seq;
    if (!isKnown || seq === place.seq) this.#ahead?.delete(channel);
    return isKnown;
  }

  /** One event of a channel that is wanted at a limited rate. */
  offer(event: ChannelEvent, now: number): void {
    const mode = this.modes.get(event.channel);
    if (this.#ended || typeof mode !== 'object') return;
    const paced = (this.#paced ??= new Map<string, Pace>());
    const pace: Pace = paced.get(event.channel) ?? { dueAt: 0, event: undefined };
    paced.set(event.channel, pace);
    if (now < pace.dueAt) {
      pace.event = event;
      this.#wakeAt(pace.dueAt, now);
      return;
    }
    pace.dueAt = now + 1000 / mode.maxRateHz;
    pace.event = undefined;
    this.#deliverOne(event);
  }

  /** Its modes have changed: sends events that waited for a rate limit which no longer holds. */
  settle(): void {
    this.#wantsNewest = undefined;
    for (const [channel, { event }] of this.#paced ?? []) {
      if (this.isPaced(channel)) continue;
      this.#paced?.delete(channel);
      if (event !== undefined && this.modes.has(channel)) this.#deliverOne(event);
    }
  }

  /** A message that must arrive: an answer, a gap, an error. */
  tell(message: object): void {
    this.#send(this.sink.framing.message(message));
  }

  /**
   * A command's answer: `head`, the studio's own bytes, and the closing brace, as one message. One that others may follow
   * in this turn waits for them.
   */
  answer(head: string, response: Buffer, mayFollow: boolean): void {
    this.#send(this.sink.framing.answer(head, response), mayFollow);
  }

  #send(frame: Buffer, mayFollow = true): void {
    if (this.#ended) return;
    if (this.#isCaughtUp()) {
      // The studio's answers of one chunk come one by one, in one turn.
      if (mayFollow) this.sink.corkUntilNextTick();
      return this.sink.write(this.sink.framing.batch([frame]));
    }
    const outbox = this.#open();
    outbox.pushControl(frame);
    this.#shed(outbox, 0);
    if (outbox.bytes > this.#room()) this.close(CLOSE.tooSlow, 'too slow: answers do not fit');
  }

  /** An event that waits for its rate comes before the gap, so it is sent first. */
  tellGap(channel: string, gap: Gap): void {
    const pace = this.#paced?.get(channel);
    if (pace?.event !== undefined) this.#deliverOne(pace.event);
    if (pace !== undefined) pace.event = undefined;
    this.tell({ op: 'gap', channel, ...gap });
    if (gap.cause === 'evicted') this.#limits.onDropped?.('evicted', missingCount(gap) ?? 0);
  }

  /** The sink can take more. */
  drain(): void {
    const outbox = this.#outbox;
    if (outbox === undefined || this.#ended) return;
    while (this.sink.isFree && !outbox.isEmpty) {
      const { framing } = this.sink;
      const gaps = outbox.takeGaps().map((gap) => framing.message({ op: 'gap', ...gap }));
      const frames = [...gaps, ...outbox.take(BATCH_BYTES, framing)];
      if (frames.length > 0) this.sink.write(framing.batch(frames));
    }
    if (outbox.isEmpty) this.#outbox = undefined;
  }

  close(code: number, reason: string): void {
    if (this.#ended) return;
    this.end();
    this.sink.close(code, reason);
  }

  /** The connection is closed or closing: nothing more is sent. */
  end(): void {
    this.#ended = true;
    this.#outbox = undefined;
    this.#paced = undefined;
    clearTimeout(this.#timer);
  }

  #deliverOne(event: ChannelEvent): void {
    const { framing } = this.sink;
    this.deliver([event], framing.batch([framing.event(event)]));
  }

  #isCaughtUp(): boolean {
    return this.#outbox === undefined && this.sink.isFree;
  }

  #open(): Outbox {
    return (this.#outbox ??= new Outbox());
  }

  #enqueue(event: ChannelEvent): void {
    const outbox = this.#open();
    outbox.pushEvent(event, this.modes.get(event.channel) !== 'all');
    this.#shed(outbox, 1);
  }

  /** Drops the oldest events until the rest fits; the newest `spared` are kept. */
  #shed(outbox: Outbox, spared: number): void {
    let dropped = 0;
    while (outbox.bytes > this.#room() && outbox.eventCount > spared) if (outbox.dropOldest()) dropped += 1;
    if (dropped > 0) this.#limits.onDropped?.('slow-client', dropped);
  }

  /** Bytes that may wait here. A share is kept even when a burst on its way is larger than the limit. */
  #room(): number {
    const { maxBytes } = this.#limits;
    return Math.max(maxBytes - this.sink.pendingBytes, maxBytes * LEAST_SHARE);
  }

  #wakeAt(dueAt: number, now: number): void {
    if (this.#wakesAt <= dueAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = dueAt;
    this.#timer = setTimeout(() => this.#release(performance.now()), Math.max(1, dueAt - now));
  }

  /** Sends the events that have come due, and sets the timer for the next one. */
  #release(now: number): void {
    this.#wakesAt = Infinity;
    let next = Infinity;
    for (const pace of this.#paced?.values() ?? []) {
      if (pace.event === undefined) continue;
      if (pace.dueAt <= now) this.offer(pace.event, now);
      else next = Math.min(next, pace.dueAt);
    }
    if (next < Infinity) this.#wakeAt(next, now);
  }
}
