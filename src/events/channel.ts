import { ChannelEvent, eventHead } from './channel-event.js';
import type { EventHead } from './channel-event.js';
import { Journal } from './journal.js';
import type { Gap, JournalLimits } from './journal.js';
import type { EventSource, EventStream, OpenedStream } from '../upstreams/source.js';

export interface ChannelOptions {
  readonly source: EventSource;
  readonly journal: JournalLimits;
  /** Milliseconds that a channel stays open without a user. */
  readonly lingerMs: number;
  /** Never the same twice, also across restarts; `[0-9a-z]+`. */
  readonly nextEpoch: () => string;
}

/** Looks at what the source offers until a channel that it refuses is asked for again; each time twice as many. */
const MAX_LOOKS = 64;

/** One channel: what it said, and whether it is open at its source. It is open while it has users, and a while after. */
export class Channel {
  readonly name: string;
  /** undefined for the gateway's own channels, which nobody opens. */
  readonly stream: EventStream | undefined;
  readonly journal: Journal<ChannelEvent>;
  readonly #options: ChannelOptions;
  readonly #head: EventHead;
  #users = 0;
  #opened: OpenedStream | undefined;
  #linger: NodeJS.Timeout | undefined;
  /** Events may have been missed: the epoch is over, and the next one begins when the source is back. */
  #broken = false;
  /** How often the source has said no since it last said yes. */
  #refusals = 0;
  /** It is not asked again before something has changed, or after so many looks at what it offers. */
  #waits = false;
  #looksToWait = 0;

  constructor(name: string, stream: EventStream | undefined, options: ChannelOptions) {
    this.name = name;
    this.stream = stream;
    this.#options = options;
    this.#head = eventHead(name);
    this.journal = new Journal(options.journal, options.nextEpoch());
  }

  get isOpen(): boolean {
    return this.#opened !== undefined || this.stream === undefined;
  }

  get isUsed(): boolean {
    return this.#users > 0 || this.isOpen;
  }

  get isRefused(): boolean {
    return this.#refusals > 0;
  }

  /** Resolves when the source took it; at once when there is nothing to take. */
  get ready(): Promise<void> {
    return this.#opened?.ready ?? Promise.resolve();
  }

  append(bytes: Buffer, order: number): ChannelEvent {
    const event = new ChannelEvent(this.#head, this.journal.next(), order, Date.now(), bytes);
    this.journal.append(event);
    return event;
  }

  use(): void {
    this.#users += 1;
    if (this.#opened === undefined) this.forgive();
    clearTimeout(this.#linger);
    this.#linger = undefined;
    this.open();
  }

  release(): void {
    this.#users -= 1;
    if (this.#users > 0 || this.#opened === undefined) return;
    this.#linger = setTimeout(() => this.shut(), this.#options.lingerMs);
  }

  /** Opens it at the source, when somebody uses it and it is not open. */
  open(): void {
    const { stream } = this;
    if (stream === undefined || this.#opened !== undefined || this.#users === 0 || this.#waits) return;
    this.#opened = this.#options.source.open(stream);
    this.#opened.ready.then(
      () => (this.#refusals = 0),
      // Whoever waits for it hears of a refusal; the hub hears of it from the source.
      () => undefined,
    );
  }

  /** Closes it at the source; its users stay, and get it back by `open`. */
  shut(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    if (this.#opened === undefined) return;
    this.#opened.close();
    this.#opened = undefined;
    this.#broken = true;
  }

  /** The source does not offer it. False when that is no news. */
  refuse(): boolean {
    this.shut();
    this.#looksToWait = Math.min(2 ** this.#refusals, MAX_LOOKS);
    this.#waits = true;
    this.#refusals += 1;
    return this.#refusals === 1;
  }

  /** Something has changed: the source may offer it now. */
  forgive(): void {
    this.#waits = false;
  }

  /** The source offers it at this look. Saying no to it may have been a whim, and may be more. */
  retry(): void {
    this.#looksToWait -= 1;
    if (this.#looksToWait <= 0) this.forgive();
  }

  /** The source lost its connection, or an event. */
  breakOff(): void {
    if (this.#opened !== undefined) this.#broken = true;
  }

  /** Begins a new epoch when the old one is over; what is missing, for those who listen. */
  renew(): Gap | undefined {
    if (!this.#broken || this.#opened === undefined) return undefined;
    this.#broken = false;
    return this.journal.renew(this.#options.nextEpoch());
  }
}
