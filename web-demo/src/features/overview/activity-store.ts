import type { GapEvent, Mode, StudioEvent } from '../../../../src/client/index.js';
import { parseCursor } from '../../../../src/wire/cursor.js';
import { ChannelCounts } from '../../lib/channel-counts.js';
import { statementOf } from '../../lib/event-sentence.js';
import { pastEvents } from '../../lib/past-events.js';
import { Store } from '../../lib/store.js';
import type { Studio } from '../../lib/studio.js';
import { laneOf, Timeline } from '../../lib/timeline.js';
import { updateOf } from '../../lib/update-span.js';
import { sparkOf } from './spark.js';
import type { Spark } from './spark.js';

/** Of a fast channel, one event a second is sent, and its cursor tells how many there were. */
const SLOW: Mode = { maxRateHz: 1 };
/** What the page gets for its cards anyhow, and what else is worse than an information. */
const CHANNELS: readonly (readonly [string, Mode])[] = [
  ['DeviceEvents/*', 'all'],
  ['devices/*/DeviceEvents/*', 'all'],
  ['devices/*/DeviceLogs/Error', SLOW],
  ['devices/*/DeviceLogs/Warning', SLOW],
  ['Logs/Error', SLOW],
  ['Logs/Warning', SLOW],
];
/** Least time between two drawings. */
const NOTIFY_MS = 500;
/** Bars move on although nothing happens. */
const MOVE_MS = 10_000;

/** What happened in the last ten minutes, for the timeline and the cards of the first view. */
export class ActivityStore extends Store {
  readonly timeline = new Timeline();
  readonly #studio: Studio;
  readonly #counts = new ChannelCounts();
  /** The cursor of the first event of each channel that came by itself. */
  readonly #firsts = new Map<string, string>();
  #hasStarted = false;
  #sparks: ReadonlyMap<number, Spark> = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(studio: Studio) {
    super();
    this.#studio = studio;
  }

  /** Listens until the connection is closed. Does nothing the second time. */
  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    const { client, link, jobs } = this.#studio;
    for (const [pattern, mode] of CHANNELS) {
      const { ready } = client.subscribe(pattern, { mode }, this.#onEvent);
      ready.then(
        () => void this.#readPast(pattern),
        () => undefined,
      );
    }
    client.on('gap', (gap) => this.#onGap(gap));
    link.subscribe(() => this.#onLink());
    jobs.subscribe(() => this.#onJobs());
    const moves = setInterval(() => this.#change(), MOVE_MS);
    client.on('state', ({ state }) => state === 'closed' && clearInterval(moves));
    this.#onLink();
    this.#onJobs();
  }

  /** The same object until it changes; undefined while nothing is known of the device. */
  readonly spark = (deviceId: number): Spark | undefined => this.#sparks.get(deviceId);

  readonly #onEvent = (message: StudioEvent): void => {
    const { events, isNew } = this.#counts.count(message);
    if (!isNew) return;
    const { channel, cursor, receivedAt } = message;
    if (!this.#firsts.has(channel)) this.#firsts.set(channel, cursor);
    this.timeline.count(statementOf(message), receivedAt, events);
    this.#change();
  };

  #onGap(gap: GapEvent): void {
    const found = this.#counts.onGap(gap);
    if (found === undefined || found.since === 0) return;
    const lane = laneOf(statementOf({ channel: gap.channel, event: {} }));
    this.timeline.addGap({ lane, from: found.since, to: Date.now() });
    this.#change();
  }

  #onLink(): void {
    const { outage, recovery } = this.#studio.link.snapshot();
    if (outage !== undefined) this.timeline.addGap({ lane: undefined, from: outage.since, to: undefined });
    else this.timeline.endOutage(recovery?.at ?? Date.now());
    this.#change();
  }

  #onJobs(): void {
    for (const job of this.#studio.jobs.snapshot().all ?? []) {
      const update = updateOf(job, Date.now());
      if (update !== undefined) this.timeline.addUpdate(update.id, update.span);
    }
    this.#change();
  }

  async #readPast(pattern: string): Promise<void> {
    const { cursors = {} } = this.#studio.client.subscription(pattern) ?? {};
    for (const [channel, cursor] of Object.entries(cursors)) this.#counts.begin(channel, cursor);
    const past = await pastEvents(cursors).catch(() => []);
    for (const message of past) {
      if (!this.#cameByItself(message)) this.timeline.count(statementOf(message), message.receivedAt, 1);
    }
    this.#change();
  }

  #cameByItself({ channel, cursor }: StudioEvent): boolean {
    const [first, place] = [parseCursor(this.#firsts.get(channel) ?? ''), parseCursor(cursor)];
    if (first === undefined || place === undefined) return false;
    return place.epoch === first.epoch && place.seq >= first.seq;
  }

  #change(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#show();
    }, NOTIFY_MS);
  }

  #show(): void {
    const now = Date.now();
    const sparks = new Map<number, Spark>();
    for (const lane of this.timeline.lanes(now)) {
      const [kind, id] = lane.key.split(' ');
      if (kind !== 'device') continue;
      const [before, spark] = [this.#sparks.get(Number(id)), sparkOf(lane, now)];
      sparks.set(Number(id), JSON.stringify(before) === JSON.stringify(spark) ? (before ?? spark) : spark);
    }
    this.#sparks = sparks;
    this.notify();
  }
}
