import type { Emitter } from './emitter.js';
import { RcspError } from './error.js';
import type { Problem } from './error.js';
import { guarded } from './guarded.js';
import { nextId } from './message-id.js';
import type { Place } from './http-link.js';
import type { MessageId, SubscribedMessage, Subscription } from '../wire/messages.js';
import { matches } from '../wire/channel-pattern.js';
import { cursorAfter, isAtOrBefore } from '../wire/cursor.js';
import { isStateChannel } from '../wire/gateway-channels.js';
import { modeRank } from '../wire/mode.js';
import type { ClientEvents, GapEvent, Mode, StudioEvent } from './types.js';

/** One subscription of the user's. */
export interface Want {
  readonly mode: Mode;
  readonly callback: (event: StudioEvent) => void;
  /** The gateway has taken it; called again after every reconnect. */
  readonly onReady: () => void;
  /** The gateway has not taken it; it is asked again by itself unless that is final. */
  readonly onError: (error: RcspError, isFinal: boolean) => void;
}

/** A pattern, and who wants it. */
interface Entry {
  readonly wants: Set<Want>;
  /** The mode that this connection's gateway was asked for; undefined when it was not. */
  asked: Mode | undefined;
  /** The gateway has said yes. */
  isTaken: boolean;
  /** The gateway has said no: it is asked again for somebody new, or over a new connection. */
  isRefused: boolean;
  /** What the gateway said when it took it. */
  reply: Subscription | undefined;
}

/** A question that has no answer yet. */
interface Question {
  readonly pattern: string;
  readonly since: Readonly<Record<string, string>>;
  readonly isFirst: boolean;
}

/** Characters of cursors in one message; the gateway takes 64 KiB. */
const MAX_SINCE = 50_000;
/** Milliseconds until a subscription is asked for again that failed for want of a studio. */
const RETRY_MS = 5000;

/**
 * Everybody's subscriptions over one connection after another. The gateway is asked once for each pattern, with
 * the most generous of its modes. The newest cursor of every channel that somebody wants is kept, so that a new
 * connection goes on where the last one ended.
 */
export class Subscriptions {
  readonly #send: (text: string) => boolean;
  readonly #emitter: Emitter<ClientEvents>;
  readonly place: Place = { cursor: undefined };
  readonly #entries = new Map<string, Entry>();
  /** By channel. */
  readonly #cursors = new Map<string, string>();
  /** The newest event of each of `STATES`. */
  readonly #states = new Map<string, StudioEvent>();
  /** The entries that a channel belongs to, found once. */
  #found = new Map<string, readonly Entry[]>();
  readonly #questions = new Map<MessageId, Question>();
  #isDue = false;
  /** Those that are asked for again. */
  readonly #failed = new Set<Entry>();
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (text: string) => boolean, emitter: Emitter<ClientEvents>) {
    this.#send = send;
    this.#emitter = emitter;
  }

  /** @returns what ends it */
  add(pattern: string, want: Want): () => void {
    const entry = this.#entries.get(pattern) ?? freshEntry();
    this.#entries.set(pattern, entry);
    this.#found.clear();
    entry.wants.add(want);
    if (entry.isRefused) reset(entry);
    if (entry.isTaken) {
      // What came before is not for this one.
      if (entry.reply !== undefined) entry.reply = { ...entry.reply, cursors: this.#placesOf(pattern) };
      queueMicrotask(want.onReady);
    }
    const state = this.#states.get(pattern);
    if (state !== undefined) queueMicrotask(() => entry.wants.has(want) && guarded(want.callback, state));
    this.#soon();
    return () => {
      if (entry.wants.delete(want)) this.#soon();
    };
  }

  /** Tells the gateway what has changed. What comes and goes in one turn does not get as far. */
  sync(): void {
    this.#isDue = false;
    for (const [pattern, { wants, asked }] of this.#entries) {
      if (wants.size > 0) continue;
      this.#entries.delete(pattern);
      this.#found.clear();
      if (asked !== undefined) this.#tell({ op: 'unsubscribe', channels: [pattern] });
    }
    this.#forget();
    // The most generous first: what it is missing must not be cut down to what another mode gets of it.
    const wanted = [...this.#entries].map(([pattern, entry]) => ({ pattern, entry, mode: modeOf(entry) }));
    wanted.sort((a, b) => modeRank(b.mode) - modeRank(a.mode));
    for (const { pattern, entry, mode } of wanted) {
      if (entry.asked === undefined || modeRank(entry.asked) !== modeRank(mode)) {
        this.#ask(pattern, entry, mode);
      }
    }
  }

  /** The connection is gone: the next one is asked for everything. */
  lose(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#failed.clear();
    this.#questions.clear();
    for (const entry of this.#entries.values()) reset(entry);
  }

  /** For good. */
  close(error: RcspError): void {
    this.lose();
    for (const { wants } of this.#entries.values()) for (const want of wants) want.onError(error, true);
    this.#entries.clear();
  }

  onSubscribed({ id, channels }: SubscribedMessage): void {
    const question = this.#questions.get(id);
    this.#questions.delete(id);
    if (question === undefined) return;
    for (const [channel, cursor] of channels.flatMap(({ cursors }) => Object.entries(cursors))) {
      // Its current event, at this very place, is still to come.
      if (isStateChannel(channel)) continue;
      this.place.cursor ??= cursor;
      const known = this.#cursors.get(channel);
      if (known === undefined) this.#cursors.set(channel, cursor);
      else if (question.isFirst && !(channel in question.since) && !isAtOrBefore(cursor, known)) {
        this.onGap({ channel, from: cursorAfter(known), to: cursor, cause: 'evicted' });
      }
    }
    const entry = this.#entries.get(question.pattern);
    if (entry === undefined) return;
    entry.isTaken = true;
    entry.reply = channels[0];
    for (const { onReady } of entry.wants) onReady();
  }

  #placesOf(pattern: string): Record<string, string> {
    return Object.fromEntries([...this.#cursors].filter(([channel]) => matches(pattern, channel)));
  }

  reply(pattern: string): Subscription | undefined {
    return this.#entries.get(pattern)?.reply;
  }

  onEvent(event: StudioEvent): void {
    const { channel, cursor } = event;
    const entries = this.#of(channel);
    // Nobody wants it any more, or it was here before the last connection ended.
    if (entries.length === 0 || isAtOrBefore(cursor, this.#cursors.get(channel))) return;
    this.#cursors.set(channel, cursor);
    if (isStateChannel(channel)) this.#states.set(channel, event);
    else this.place.cursor = cursor;
    const callbacks = new Set(entries.flatMap(({ wants }) => [...wants].map(({ callback }) => callback)));
    for (const callback of callbacks) guarded(callback, event);
  }

  onGap(gap: GapEvent): void {
    const { channel, to } = gap;
    if (this.#of(channel).length === 0) return;
    if (!isAtOrBefore(to, this.#cursors.get(channel))) this.#cursors.set(channel, to);
    this.#emitter.emit('gap', gap);
  }

  /** @returns whether it was about a subscription */
  onError(id: MessageId, problem: Problem): boolean {
    const question = this.#questions.get(id);
    if (question === undefined) return false;
    this.#questions.delete(id);
    const { pattern } = question;
    const entry = this.#entries.get(pattern);
    if (entry === undefined) return true;
    const error = new RcspError(problem);
    // What the studio or a limit is to blame for may do better the next time.
    const isFinal = error.status !== 429 && error.status < 500;
    entry.isRefused = isFinal;
    if (!isFinal) this.#again(entry);
    for (const { onError } of [...entry.wants]) onError(error, isFinal);
    this.#emitter.emit('error', { channel: pattern, error });
    return true;
  }

  #soon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.sync());
  }

  #again(entry: Entry): void {
    this.#failed.add(entry);
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      for (const each of this.#failed) each.asked = undefined;
      this.#failed.clear();
      this.sync();
    }, RETRY_MS);
  }

  #ask(pattern: string, entry: Entry, mode: Mode): void {
    const since = this.#since(pattern);
    const id = this.#tell({ op: 'subscribe', channels: [pattern], mode, since });
    if (id === undefined) return;
    this.#questions.set(id, { pattern, since, isFirst: !entry.isTaken });
    entry.asked = mode;
  }

  #since(pattern: string): Readonly<Record<string, string>> {
    let left = MAX_SINCE;
    const cursors = [...this.#cursors].filter(([channel, cursor]) => {
      if (!matches(pattern, channel)) return false;
      left -= channel.length + cursor.length + 6;
      return left > 0;
    });
    return Object.fromEntries(cursors);
  }

  /** @returns the message's id; undefined when there is no connection */
  #tell(message: object): number | undefined {
    const id = nextId();
    return this.#send(JSON.stringify({ ...message, id })) ? id : undefined;
  }

  #of(channel: string): readonly Entry[] {
    const known = this.#found.get(channel);
    if (known !== undefined) return known;
    const found = [...this.#entries].flatMap(([pattern, entry]) =>
      matches(pattern, channel) ? [entry] : [],
    );
    this.#found.set(channel, found);
    return found;
  }

  /** A place in what nobody wants is none to come back to. */
  #forget(): void {
    for (const channel of this.#cursors.keys()) {
      if (this.#of(channel).length > 0) continue;
      this.#cursors.delete(channel);
      this.#states.delete(channel);
    }
  }
}

function freshEntry(): Entry {
  return { wants: new Set(), asked: undefined, isTaken: false, isRefused: false, reply: undefined };
}

function reset(entry: Entry): void {
  entry.asked = undefined;
  entry.isTaken = false;
  entry.isRefused = false;
}

/** Of several modes, the one with the highest rank; without any, `all`. */
function modeOf({ wants }: Entry): Mode {
  const [first, ...others] = [...wants].map(({ mode }) => mode);
  return others.reduce((most, mode) => (modeRank(mode) > modeRank(most) ? mode : most), first ?? 'all');
}
