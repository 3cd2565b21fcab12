import { ChannelEvent, eventHead } from '../../src/events/channel-event.js';
import type { Framing, Sink } from '../../src/events/delivery.js';
import { textStart, webSocketFraming } from '../../src/transports/framing.js';
import { Hub } from '../../src/events/hub.js';
import type { HubOptions } from '../../src/events/hub.js';
import type { Resume } from '../../src/events/interest-table.js';
import type { JournalLimits } from '../../src/events/journal.js';
import { patternsOf } from '../../src/events/protocol.js';
import type { EventSource, OpenedChannel, SourceListener } from '../../src/upstreams/source.js';
import { Subscriber } from '../../src/events/subscriber.js';
import type { Mode } from '../../src/wire/mode.js';

/** A message as a client sees it. */
export interface Message {
  readonly op: string;
  readonly channel?: string;
  readonly cursor?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cause?: string;
  readonly [key: string]: unknown;
}

/** One event; `text` is filled up so that the event is about `size` bytes long. */
export function makeEvent(
  channel: string,
  seq: number,
  { epoch = 'e', order = seq, size = 0 } = {},
): ChannelEvent {
  const bytes = Buffer.from(JSON.stringify({ channel, seq, pad: 'x'.repeat(size) }));
  return ChannelEvent.of(eventHead(channel), { epoch, seq }, order, 0, bytes);
}

/** The messages in unmasked text frames, read by the letter of RFC 6455. */
export function readFrames(bytes: Buffer): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.subarray(at);
    if (rest[0] !== 0x81) throw new Error(`no text frame at ${at}`);
    const start = textStart(rest);
    const size = start === 2 ? rest.readUInt8(1) : start === 4 ? rest.readUInt16BE(2) : rest.readUInt32BE(6);
    messages.push(JSON.parse(rest.subarray(start, start + size).toString()) as Message);
    at += start + size;
  }
  return messages;
}

/** A WebSocket connection whose buffers are as full as the test says. */
export class FakeSink implements Sink {
  readonly framing: Framing = webSocketFraming;
  readonly writes: Buffer[] = [];
  readonly closed: { code: number; reason: string }[] = [];
  isFree = true;
  pendingBytes = 0;
  /** Each write stays pending, and the sink is free below this many. */
  window = Infinity;

  corkUntilNextTick(): void {
    return undefined;
  }

  write(batch: readonly Buffer[]): void {
    this.writes.push(...batch);
    if (this.window === Infinity) return;
    this.pendingBytes += Buffer.concat(batch).length;
    this.isFree = this.pendingBytes < this.window;
  }

  close(code: number, reason: string): void {
    this.closed.push({ code, reason });
  }

  get messages(): Message[] {
    return readFrames(Buffer.concat(this.writes));
  }

  /** `name:seq` of events, `name[from..to]` of gaps, the `op` of the rest. */
  get story(): string[] {
    return this.messages.map(tell);
  }
}

export function tell({ op, channel, cursor, from, to }: Message): string {
  if (op === 'event') return `${channel} ${cursor}`;
  return op === 'gap' ? `${channel} [${from}..${to}]` : op;
}

/** A source of events in memory. It says yes at once, unless it is told to hold its answers or to refuse. */
export class MemorySource implements EventSource {
  readonly id: string;
  connected = true;
  /** While true, nothing is answered before `answer`. */
  holdsAnswers = false;
  readonly refuses = new Set<string>();
  readonly offered = new Set<string>();
  /** What it was asked, in order: `open Logs/Info`, `close Logs/Info`. */
  readonly asked: string[] = [];
  isWatched = false;
  listener!: SourceListener;
  readonly #prefix: string;
  readonly #open = new Set<string>();
  #waiting: (() => void)[] = [];

  constructor(id = 'memory', prefix = '') {
    this.id = id;
    this.#prefix = prefix;
  }

  get offers(): readonly string[] {
    return [...this.offered];
  }

  owns(channel: string): boolean {
    return channel.startsWith(this.#prefix) && !channel.startsWith('$');
  }

  attach(listener: SourceListener): void {
    this.listener = listener;
  }

  watch(isWatched: boolean): void {
    this.isWatched = isWatched;
  }

  open(name: string): OpenedChannel {
    this.asked.push(`open ${name}`);
    this.#open.add(name);
    const ready = new Promise<void>((resolve, reject) => {
      const answer = (): void => (this.refuses.has(name) ? this.#refuse(name, reject) : resolve());
      if (this.holdsAnswers) this.#waiting.push(answer);
      else queueMicrotask(answer);
    });
    const close = (): void => {
      if (this.#open.delete(name)) this.asked.push(`close ${name}`);
    };
    return { ready, close };
  }

  answer(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each();
  }

  /** An event of a channel, said whether anybody listens or not. */
  emit(name: string, data: unknown = null): void {
    if (!this.connected || !this.#open.has(name)) return;
    this.listener.onEvent(name, Buffer.from(JSON.stringify(data)));
  }

  connect(connected: boolean): void {
    this.connected = connected;
    this.listener.onSource(connected);
  }

  #refuse(name: string, reject: (error: Error) => void): void {
    const error = new Error(`refused: ${name}`);
    this.#open.delete(name);
    this.listener.onRefused(name, error);
    reject(error);
  }
}

export interface HubSettings {
  readonly lingerMs?: number;
  readonly journal?: JournalLimits;
  readonly onRefused?: HubOptions['onRefused'];
}

/** A hub in front of a source in memory. Epochs are `e1`, `e2` and so on, in the order in which they begin. */
export function makeHub(settings: HubSettings = {}) {
  const source = new MemorySource();
  let epochs = 0;
  const hub = new Hub({
    lingerMs: 5000,
    journal: { maxEvents: 1000, maxBytes: 1024 * 1024 },
    readyTimeoutMs: 10_000,
    nextEpoch: () => `e${(epochs += 1)}`,
    onRefused: () => undefined,
    ...settings,
  });
  hub.addSource(source);
  return { hub, source };
}

/** A client of a hub. */
export class HubClient {
  readonly sink = new FakeSink();
  readonly subscriber = new Subscriber(this.sink, { maxBytes: 1024 * 1024 });
  readonly #hub: Hub;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  async subscribe(channels: readonly string[], mode: Mode = 'all', resume?: Resume): Promise<void> {
    await this.#hub.subscribe(this.subscriber, patternsOf(channels), mode, resume, (subscriptions) =>
      this.subscriber.tell({ op: 'subscribed', channels: subscriptions }),
    );
  }

  leave(): void {
    this.subscriber.end();
    this.#hub.leave(this.subscriber);
  }

  /** What it was sent after the answers to its questions. */
  get heard(): string[] {
    return this.sink.story.filter((each) => each !== 'subscribed');
  }
}
