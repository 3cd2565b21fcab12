/** All events of the stream, read by one consumer for the whole gateway. It comes back by itself, where it left off. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '../../util/log.js';
import { parseCursor } from '../../wire/cursor.js';
import type { PlacedEvent } from '../source.js';
import { CURSOR_HEADER, managerOf, STREAM, streamInfo } from './event-stream.js';
import { placedEventOf } from './event-body.js';
import type { NatsLink } from './nats-link.js';
import { parseMeta } from './meta.js';
import type { StudioMeta } from './meta.js';
import { parseStored } from './subjects.js';

export interface FeedListener {
  onEvent(studio: string, channel: string, placed: PlacedEvent): void;
  onMeta(meta: StudioMeta): void;
  /** All that the stream had when it was asked has come. */
  onLoaded(): void;
  /** Whether events come, if there are any. */
  onState(isCurrent: boolean): void;
}

export interface EdgeFeedOptions {
  readonly link: NatsLink;
  readonly log: Logger;
  readonly listener: FeedListener;
}

/** Milliseconds of silence after which the server tells that it is there; two missing ones are a stall. */
const HEARTBEAT_MS = 1000;
const EXPIRES_MS = 10_000;
/** Messages that the server may send ahead. */
const AHEAD = 2000;
const RETRY_MS = 500;
/** The server forgets a consumer that is not read for so long. */
const INACTIVE_MS = 30_000;

/** The message that was read last. */
interface LastRead {
  readonly seq: number;
  readonly id: string;
}

/**
 * Reads the stream in order. Its numbers are no places: a stream that was made anew counts from 1 again, and one whose
 * server was killed may have lost its newest messages and given their numbers to others. So the message that was read
 * last is read again; where it is another one, or gone, the stream is read from its beginning. The places of events
 * tell what is known already.
 */
export class EdgeFeed {
  readonly #options: EdgeFeedOptions;
  readonly #stopping = new AbortController();
  #messages: ConsumerMessages | undefined;
  #wake: (() => void) | undefined;
  #created: string | undefined;
  /** Of the stream, the next message. */
  #next = 1;
  #last: LastRead | undefined;
  /** What must come first, for the reading to go on. */
  #expected: LastRead | undefined;
  #isCurrent = false;
  #isLoaded = false;
  #told: string | undefined;
  #unread = 0;

  constructor(options: EdgeFeedOptions) {
    this.#options = options;
  }

  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  /** Messages of the stream that are none of an origin. */
  get unread(): number {
    return this.#unread;
  }

  start(): void {
    this.#options.link.follow({
      onUp: () => this.#wake?.(),
      onDown: () => {
        this.#setCurrent(false);
        this.#messages?.stop();
      },
    });
    void this.#run();
  }

  stop(): void {
    this.#stopping.abort();
    this.#wake?.();
    this.#messages?.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const { connection } = this.#options.link;
      if (connection === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      try {
        await this.#read(connection);
      } catch (error) {
        this.#tell(error instanceof Error ? error.message : String(error));
      }
      this.#setCurrent(false);
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Until the consumer, the stream or the line is gone. */
  async #read(connection: NatsConnection): Promise<void> {
    const { modules } = this.#options.link;
    const info = await streamInfo(await managerOf(connection, modules));
    if (info === undefined) return this.#tell('there is no stream yet: no origin has published');
    const last = info.state.last_seq;
    if (info.created !== this.#created || last < this.#next - 1) this.#rewind();
    this.#created = info.created;
    this.#expected = this.#last;
    const consumer = await modules.jetstream.jetstream(connection).consumers.get(STREAM, {
      opt_start_seq: this.#expected?.seq ?? this.#next,
      inactive_threshold: INACTIVE_MS,
      name_prefix: `edge_${this.#options.link.name}_${modules.core.nuid.next()}`,
    });
    if (info.state.messages === 0 || this.#next > last) this.#onCaughtUp();
    this.#messages = await consumer.consume({
      max_messages: AHEAD,
      expires: EXPIRES_MS,
      idle_heartbeat: HEARTBEAT_MS,
      callback: (message) => this.#onMessage(message, last),
    });
    this.#setCurrent(true);
    this.#told = undefined;
    void this.#watch(this.#messages);
    await this.#messages.closed();
    this.#messages = undefined;
  }

  /** The library would mend some of these itself, and not notice that the stream is another one. */
  async #watch(messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status()) {
      const isBroken =
        type === 'heartbeats_missed' ||
        type === 'consumer_not_found' ||
        type === 'consumer_deleted' ||
        type === 'stream_not_found' ||
        type === 'reset' ||
        type === 'no_responders';
      if (!isBroken) continue;
      this.#setCurrent(false);
      messages.stop();
    }
  }

  #onMessage(message: JsMsg, last: number): void {
    const expected = this.#expected;
    this.#expected = undefined;
    const id = message.headers?.get('Nats-Msg-Id') ?? '';
    if (expected !== undefined && (expected.seq !== message.seq || expected.id !== id)) {
      this.#rewind();
      this.#messages?.stop();
      return;
    }
    this.#next = message.seq + 1;
    this.#last = { seq: message.seq, id };
    this.#take(message);
    if (!this.#isLoaded && (message.seq >= last || message.info.pending === 0)) this.#onCaughtUp();
  }

  #rewind(): void {
    this.#next = 1;
    this.#last = undefined;
  }

  #take(message: JsMsg): void {
    const { listener } = this.#options;
    const found = parseStored(message.subject);
    if (found?.channel === undefined) {
      const meta = found === undefined ? undefined : parseMeta(message.string());
      if (meta?.studio === found?.studio && meta !== undefined) listener.onMeta(meta);
      else this.#onUnread(message.subject);
      return;
    }
    const place = parseCursor(message.headers?.get(CURSOR_HEADER) ?? '');
    const body = place === undefined ? undefined : placedEventOf(message.data, place);
    if (body === undefined) this.#onUnread(message.subject);
    else listener.onEvent(found.studio, found.channel, body);
  }

  #onUnread(subject: string): void {
    this.#unread += 1;
    if (this.#unread === 1)
      this.#options.log.warn(
        { subject },
        'the stream holds a message that is none of an origin; it is left out',
      );
  }

  #onCaughtUp(): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    this.#options.listener.onLoaded();
  }

  #setCurrent(isCurrent: boolean): void {
    if (isCurrent === this.#isCurrent) return;
    this.#isCurrent = isCurrent;
    this.#options.listener.onState(isCurrent);
  }

  #tell(reason: string): void {
    if (reason === this.#told || this.#stopping.signal.aborted) return;
    this.#told = reason;
    this.#options.log.warn({ cause: reason }, `events from NATS: ${reason}`);
  }
}
