import type { NatsConnection } from '@nats-io/transport-node';
import type { ChannelEvent } from '../../events/channel-event.js';
import type { Hub } from '../../events/hub.js';
import type { JournalEntry } from '../../events/journal.js';
import { GatewayError } from '../../errors/errors.js';
import { parsePattern } from '../../wire/channel-pattern.js';
import type { ChannelPattern } from '../../wire/channel-pattern.js';
import { formatCursor } from '../../wire/cursor.js';
import type { Cursor } from '../../wire/cursor.js';
import { GATEWAY_CHANNELS } from '../../wire/gateway-channels.js';
import type { Logger } from '../../util/log.js';
import { VERSION } from '../../util/package-info.js';
import { CURSOR_HEADER, ensureStream, lastStored, managerOf, streamInfo } from './event-stream.js';
import type { StreamLimits } from './event-stream.js';
import { MAX_PLACES, writeMeta } from './meta.js';
import type { StudioDescription } from './meta.js';
import type { NatsModules } from './nats-modules.js';
import { PublishQueue } from './publish-queue.js';
import { PublishWindow } from './publish-window.js';
import { PublishingSubscriber } from './publishing-subscriber.js';
import { messageId, metaSubject, subjectOf } from './subjects.js';

export interface StudioPublisherOptions {
  readonly studio: string;
  readonly hub: Hub;
  readonly modules: NatsModules;
  readonly inboxPrefix: string;
  readonly limits: StreamLimits;
  /** With which the epochs of the hub begin. */
  readonly epoch: string;
  readonly describe: () => StudioDescription;
  readonly log: Logger;
  readonly onPublished: () => void;
  /** Events that are in the stream already, or that do not fit through the server. */
  readonly onSkipped: (reason: 'duplicate' | 'too-large') => void;
}

/** No channel knows it: after it come all events that are kept. */
const NOWHERE: Cursor = { epoch: '', seq: 0 };

/** Everything that a studio publishes, and what the gateway tells of it. The audit stays with the origin. */
const PATTERNS = [
  '*/*',
  'devices/*/*/*',
  GATEWAY_CHANNELS.upstream,
  GATEWAY_CHANNELS.lease,
  GATEWAY_CHANNELS.jobs,
  GATEWAY_CHANNELS.changes,
];

/** Channels that edges may name beside those that the studio lists. */
const MAX_NAMED = 1000;
const WINDOW = 512;
const ACK_TIMEOUT_MS = 4000;
/** Milliseconds until a failure is tried to mend, twice as many after each. */
const RETRY_MS = 250;
const MAX_RETRY_MS = 5000;
/** Subjects that are looked up at once. */
const LOOKUPS = 64;
/** Bytes of headers and subject, within the server's limit of a message. */
const HEADER_BYTES = 8192;

/**
 * Publishes a studio's events to the stream: each once, in order, at its place. After an outage it asks the stream what
 * it has of each channel, and goes on from there with its own history; what that no longer keeps, readers find missing.
 *
 *   away --up--> recovering --stream asked--> live --down--> away
 *                    ^----- failure, overflow, recreated stream -----'
 */
export class StudioPublisher {
  readonly #options: StudioPublisherOptions;
  readonly #subscriber: PublishingSubscriber;
  readonly #queue = new PublishQueue();
  readonly #subjects = new Map<string, string | undefined>();
  /** Of each channel, the newest event that is in the stream or in the queue. */
  readonly #queued = new Map<string, JournalEntry>();
  #connection: NatsConnection | undefined;
  #window: PublishWindow | undefined;
  /** Of the stream that is published to. */
  #created: string | undefined;
  /** A later one makes those before void. */
  #attempt = 0;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #metas = 0;
  #told = new Set<string>();

  constructor(options: StudioPublisherOptions) {
    this.#options = options;
    this.#subscriber = new PublishingSubscriber(options.studio, {
      onEvents: (events) => this.#onEvents(events),
      onGap: () => this.publishMeta(),
    });
  }

  get isLive(): boolean {
    return this.#window !== undefined;
  }

  /** What waits to be published or acknowledged is gone to the stream. */
  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#window?.isEmpty !== false;
  }

  async start(): Promise<void> {
    const { hub, log } = this.#options;
    // A gateway without leases has no channel of them. Wildcards are never refused.
    const patterns = PATTERNS.flatMap((text) => {
      const isKnown = !text.startsWith('$') || this.#journal(text) !== undefined;
      return (isKnown ? parsePattern(text) : undefined) ?? [];
    });
    await hub
      .subscribe(
        this.#subscriber,
        patterns,
        'all',
        () => NOWHERE,
        () => undefined,
      )
      .catch((error: unknown) => log.error({ err: error }, 'the events of a studio are not published'));
  }

  stop(): void {
    this.onDown();
    this.#options.hub.leave(this.#subscriber);
    this.#subscriber.end();
  }

  /** Publishes a channel that the studio does not list, too. @throws RejectedError when the studio refuses it */
  async listen(pattern: ChannelPattern): Promise<void> {
    const { hub } = this.#options;
    if (hub.countWith(this.#subscriber, [pattern]) > MAX_NAMED)
      throw new GatewayError('Too many requests', `${MAX_NAMED} channels were named by edges already.`);
    await hub.subscribe(
      this.#subscriber,
      [pattern],
      'all',
      () => NOWHERE,
      () => undefined,
    );
  }

  onUp(connection: NatsConnection): void {
    this.#connection = connection;
    this.#failures = 0;
    void this.#recover();
  }

  onDown(): void {
    this.#connection = undefined;
    this.#suspend();
  }

  /** The catalogue, the devices or a place has changed. */
  publishMeta(): void {
    if (this.#window === undefined) return; // it follows the recovery
    this.#queue.push({ kind: 'meta', cursors: this.#cursors() });
    this.#pump();
  }

  /** A stream that is gone, or another one by its name, is filled from history. */
  async checkStream(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || this.#window === undefined) return;
    try {
      const info = await streamInfo(await managerOf(connection, this.#options.modules));
      if (this.isLive && info?.created !== this.#created) this.#onFailure('the stream was made anew');
    } catch {
      return; // the window finds out what matters
    }
  }

  #onEvents(events: readonly ChannelEvent[]): void {
    if (this.#window === undefined) return; // history has them
    for (const event of events) {
      // The recovery has read it from history before it came here.
      if (event.order <= (this.#queued.get(event.channel)?.order ?? 0)) continue;
      this.#queued.set(event.channel, event);
      this.#queue.push({ kind: 'event', event });
    }
    if (this.#queue.isFull) return this.#onFailure('the stream is too slow');
    this.#pump();
  }

  #pump(): void {
    for (let item = this.#queue.first; item !== undefined; item = this.#queue.first) {
      if (this.#window?.hasRoom !== true) return;
      this.#queue.shift();
      if (item.kind === 'event') this.#sendEvent(this.#window, item.event);
      else this.#sendMeta(this.#window, item.cursors);
    }
  }

  #sendEvent(window: PublishWindow, event: ChannelEvent): void {
    const { studio, onPublished, onSkipped } = this.#options;
    const subject = this.#subject(event.channel);
    if (subject === undefined || event.message.length > this.#maxBytes) {
      onSkipped('too-large');
      return this.#tell(`an event of ${event.channel} is too large for the server; it is left out`);
    }
    const cursor = formatCursor(event);
    window.send(subject, event.message, this.#headers(messageId(studio, event.channel, cursor), cursor));
    onPublished();
  }

  /** It replaces the one before it. */
  #sendMeta(window: PublishWindow, cursors: Readonly<Record<string, string>>): void {
    const { studio, epoch, describe } = this.#options;
    const written = writeMeta({ studio, version: VERSION, epoch, cursors, ...describe() }, this.#maxBytes);
    if (written?.isCut !== false)
      this.#tell('what the devices can do is too large for the server; it is left out');
    if (written === undefined) return;
    const cursor = `${epoch}:${(this.#metas += 1)}`;
    const headers = this.#headers(messageId(studio, 'meta', cursor), cursor);
    if (this.#mayReplace) headers.set('Nats-Rollup', 'sub');
    window.send(metaSubject(studio), written.bytes, headers);
  }

  #headers(id: string, cursor: string): ReturnType<NatsModules['core']['headers']> {
    const headers = this.#options.modules.core.headers();
    headers.set('Nats-Msg-Id', id);
    headers.set(CURSOR_HEADER, cursor);
    return headers;
  }

  #subject(channel: string): string | undefined {
    if (!this.#subjects.has(channel)) this.#subjects.set(channel, subjectOf(this.#options.studio, channel));
    return this.#subjects.get(channel);
  }

  /** Before 2.10, a consumer that is behind skips what lies between it and a message that replaces others. */
  get #mayReplace(): boolean {
    const [major = 0, minor = 0] = (this.#connection?.info?.version ?? '').split('.').map(Number);
    return major > 2 || (major === 2 && minor >= 10);
  }

  get #maxBytes(): number {
    return (this.#connection?.info?.max_payload ?? 0) - HEADER_BYTES;
  }

  #suspend(): void {
    this.#attempt += 1;
    clearTimeout(this.#retry);
    this.#window?.close();
    this.#window = undefined;
    this.#queue.clear();
  }

  #onFailure(reason: string): void {
    this.#suspend();
    this.#options.log.warn({ studio: this.#options.studio, cause: reason }, `publishing to NATS: ${reason}`);
    const wait = Math.min(RETRY_MS * 2 ** this.#failures, MAX_RETRY_MS);
    this.#failures += 1;
    this.#retry = setTimeout(() => void this.#recover(), wait);
  }

  async #recover(): Promise<void> {
    this.#suspend();
    const attempt = this.#attempt;
    const connection = this.#connection;
    if (connection === undefined) return;
    const { modules, limits } = this.#options;
    try {
      const manager = await managerOf(connection, modules);
      const { created } = await ensureStream(manager, modules, limits);
      const stored = await this.#lastStored((subject) => lastStored(manager, subject));
      if (attempt !== this.#attempt) return;
      this.#created = created;
      this.#resume(connection, stored);
    } catch (error) {
      if (attempt === this.#attempt) this.#onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  /** The newest place of each channel that the stream has. */
  async #lastStored(ask: (subject: string) => Promise<Cursor | undefined>): Promise<Map<string, Cursor>> {
    const stored = new Map<string, Cursor>();
    const names = [...this.#subscriber.modes.keys()].filter((name) => (this.#journal(name)?.size ?? 0) > 0);
    for (let at = 0; at < names.length; at += LOOKUPS) {
      await Promise.all(
        names.slice(at, at + LOOKUPS).map(async (name) => {
          const subject = this.#subject(name);
          const cursor = subject === undefined ? undefined : await ask(subject);
          if (cursor !== undefined) stored.set(name, cursor);
        }),
      );
    }
    return stored;
  }

  /** In one turn: what history has now is queued or stored, and what comes later is queued as it comes. */
  #resume(connection: NatsConnection, stored: ReadonlyMap<string, Cursor>): void {
    const missing: ChannelEvent[] = [];
    for (const name of this.#subscriber.modes.keys()) {
      const journal = this.#journal(name);
      const known = stored.get(name);
      if (journal?.newest === undefined) continue;
      const from = known !== undefined && journal.knows(known.epoch) ? known : NOWHERE;
      for (const step of journal.since(from)) if ('entry' in step) missing.push(step.entry);
      this.#queued.set(name, journal.newest);
    }
    for (const event of missing.sort((a, b) => a.order - b.order)) this.#queue.push({ kind: 'event', event });
    this.#window = this.#openWindow(connection);
    this.publishMeta();
  }

  #openWindow(connection: NatsConnection): PublishWindow {
    const window: PublishWindow = new PublishWindow({
      connection,
      inbox: this.#options.modules.core.createInbox(this.#options.inboxPrefix),
      size: WINDOW,
      ackTimeoutMs: ACK_TIMEOUT_MS,
      onRoom: () => {
        this.#failures = 0;
        this.#pump();
      },
      onFailure: (reason) => this.#onFailure(reason),
      onDuplicate: () => this.#options.onSkipped('duplicate'),
    });
    return window;
  }

  #journal(name: string): NonNullable<ReturnType<Hub['channel']>>['journal'] | undefined {
    return this.#options.hub.channel(name, this.#subscriber.namespace)?.journal;
  }

  /** Where each channel stands behind what is queued so far: an event that follows must not seem to lie before it. */
  #cursors(): Record<string, string> {
    const names = [...this.#subscriber.modes.keys()]
      .filter((name) => !name.startsWith('$'))
      .slice(0, MAX_PLACES);
    return Object.fromEntries(
      names.flatMap((name) => {
        const journal = this.#journal(name);
        const queued = this.#queued.get(name);
        if (journal === undefined) return [];
        const isCurrent = queued?.epoch === journal.epoch;
        return [[name, formatCursor(isCurrent ? queued : { epoch: journal.epoch, seq: 0 })]];
      }),
    );
  }

  #tell(what: string): void {
    if (this.#told.has(what) || this.#told.size > 100) return;
    this.#told.add(what);
    this.#options.log.warn({ studio: this.#options.studio }, what);
  }
}
