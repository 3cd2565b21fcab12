import type { EventSource, OpenedChannel } from '../upstreams/source.js';
import type { Gap } from '../wire/gap.js';
import { ChannelEvent, eventHead } from './channel-event.js';
import type { EventHead } from './channel-event.js';
import { Journal } from './journal.js';
import type { JournalLimits } from './journal.js';

export interface ChannelOptions {
  readonly journal: JournalLimits;
  /** Milliseconds that a channel stays open without a user. */
  readonly lingerMs: number;
  /** Never the same twice, also across restarts; `[0-9a-z]+`. */
  readonly nextEpoch: () => string;
}

/** What a channel tells the table that holds it. */
export interface ChannelOwner {
  /** It has no users any more and is closed. */
  onUnused(channel: Channel): void;
  /** The source took it after it had refused it. */
  onRetaken(channel: Channel): void;
}

/** Readings of the offers until a refused channel is asked for again; twice as many after each refusal. */
const MAX_READINGS = 64;

/** One channel: its events, and whether it is open at its source. It is open while it has users, and a while after. */
export class Channel {
  /** Its one name in the hub. */
  readonly name: string;
  /** As its source knows it. */
  readonly localName: string;
  /** undefined for the gateway's own channels, which have no source. */
  readonly source: EventSource | undefined;
  readonly journal: Journal<ChannelEvent>;
  readonly #options: ChannelOptions;
  readonly #head: EventHead;
  readonly #owner: ChannelOwner;
  /** Of state channels, by subject. */
  readonly #states = new Map<string, ChannelEvent>();
  #users = 0;
  #opened: OpenedChannel | undefined;
  #linger: NodeJS.Timeout | undefined;
  /** Events may have been missed: the epoch is over, and the next one begins when the source is back. */
  #isDiscontinuous = false;
  /** Refusals of the source since it last took the channel. */
  #refusals = 0;
  /** It is not asked again before something has changed, or after so many readings of the offers. */
  #isBackingOff = false;
  #readingsToWait = 0;
  #isOffered = false;

  constructor(
    { name, localName, source }: Pick<Channel, 'name' | 'localName' | 'source'>,
    options: ChannelOptions,
    owner: ChannelOwner,
  ) {
    this.name = name;
    this.localName = localName;
    this.source = source;
    this.#options = options;
    this.#owner = owner;
    this.#head = eventHead(localName);
    this.journal = new Journal(options.journal, options.nextEpoch());
  }

  get isOpen(): boolean {
    return this.#opened !== undefined || this.source === undefined;
  }

  get isUsed(): boolean {
    return this.#users > 0 || this.isOpen;
  }

  /** It has users, and the source refuses it. */
  get isRefused(): boolean {
    return this.#refusals > 0 && this.#users > 0;
  }

  /** Resolves when the source took it; at once when there is nothing to take. */
  get ready(): Promise<void> {
    return this.#opened?.ready ?? Promise.resolve();
  }

  append(event: Buffer, order: number): ChannelEvent {
    const entry = ChannelEvent.of(this.#head, this.journal.next(), order, Date.now(), event);
    this.journal.append(entry);
    return entry;
  }

  /** The same, of a channel that tells the state of several subjects. */
  appendState(subject: string, event: Buffer, order: number): ChannelEvent {
    const entry = this.append(event, order);
    this.#states.delete(subject);
    this.#states.set(subject, entry);
    return entry;
  }

  /** The newest event of each subject, in order. */
  get states(): readonly ChannelEvent[] {
    return this.#states.size === 0 ? this.journal.last(1) : [...this.#states.values()];
  }

  /** Its source is gone for good. The gap to what may come by its name again, for those who listen. */
  end(): Gap {
    this.shut();
    this.#isDiscontinuous = false;
    return this.journal.renew(this.#options.nextEpoch());
  }

  use(): void {
    this.#users += 1;
    if (this.#opened === undefined) this.allowRetry();
    clearTimeout(this.#linger);
    this.#linger = undefined;
    this.open();
  }

  release(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    if (this.#opened === undefined) this.#owner.onUnused(this);
    else this.#linger = setTimeout(() => this.shut(), this.#options.lingerMs);
  }

  /** Opens it at the source if it is used and not open. */
  open(): void {
    if (this.source === undefined || this.#opened !== undefined || this.#users === 0 || this.#isBackingOff)
      return;
    this.#opened = this.source.open(this.localName);
    this.#opened.ready.then(
      () => this.#onTaken(),
      // Users of `ready` handle the rejection; the hub gets it as `onRefused`.
      () => undefined,
    );
  }

  #onTaken(): void {
    if (this.#refusals === 0) return;
    this.#refusals = 0;
    this.#owner.onRetaken(this);
  }

  /** Closes it at the source. Its users stay, and get it back by `open`. */
  shut(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    if (this.#opened === undefined) return;
    this.#opened.close();
    this.#opened = undefined;
    this.#isDiscontinuous = true;
    if (this.#users === 0) this.#owner.onUnused(this);
  }

  /** The source refused it. Returns false when its users know that. */
  refuse(): boolean {
    this.shut();
    this.#readingsToWait = Math.min(2 ** this.#refusals, MAX_READINGS);
    this.#isBackingOff = true;
    this.#refusals += 1;
    return this.#refusals === 1;
  }

  /** Ends the back-off: the source may take it now. */
  allowRetry(): void {
    this.#isBackingOff = false;
  }

  /** The offers were read. Retry a refused channel when it is offered anew, otherwise with exponential back-off. */
  onOffers(isOffered: boolean): void {
    if (isOffered) {
      this.#readingsToWait -= 1;
      if (!this.#isOffered || this.#readingsToWait <= 0) this.allowRetry();
    }
    this.#isOffered = isOffered;
    this.open();
  }

  /** The source lost its connection, or an event. */
  markDiscontinuous(): void {
    if (this.#opened !== undefined) this.#isDiscontinuous = true;
  }

  /** Begins a new epoch when the old one is over; returns the gap for those who listen. */
  renew(): Gap | undefined {
    if (!this.#isDiscontinuous || this.#opened === undefined) return undefined;
    this.#isDiscontinuous = false;
    return this.journal.renew(this.#options.nextEpoch());
  }
}
