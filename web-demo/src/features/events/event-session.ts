import { ChannelCounts } from '../../lib/channel-counts.js';
import { statementOf } from '../../lib/event-sentence.js';
import type { PageGap } from '../../lib/gaps.js';
import { marks } from '../../lib/mark-store.js';
import { gapBefore, pastEvents } from '../../lib/past-events.js';
import { Store } from '../../lib/store.js';
import { laneOf, Timeline } from '../../lib/timeline.js';
import { updateOf } from '../../lib/update-span.js';
import { GATEWAY_CHANNELS } from '../../../../src/wire/gateway-channels.js';
import type { ErrorEvent, GapEvent, Mode, RcspClient, StudioEvent } from '../../../../src/client/index.js';
import { isOneOf, reduced } from './channels.js';
import { EventLog } from './event-log.js';
import type { PastEntry } from './event-log.js';
import { FacetCounter } from './facet-counts.js';
import type { FacetCounts } from './facet-counts.js';
import { Rates } from './rates.js';
import { missingIn } from './row.js';
import { Sampler, WINDOW_MS } from './sampler.js';

export interface SessionState {
  /** Events since the log was cleared, those included that were not drawn or are missing. */
  readonly counted: number;
  /** Events that were counted and left out, because more came than can be read. */
  readonly leftOut: number;
  /** Events that are missing. */
  readonly missed: number;
  /** Whether there are gaps of unknown size. */
  readonly isMissedUncertain: boolean;
  readonly isSampling: boolean;
  /** While sampling: of how many events one is drawn. */
  readonly ratio: number;
  readonly facets: FacetCounts;
  /** Channels that the gateway refused. */
  readonly refusals: readonly ErrorEvent[];
  /** By pattern: what it may have meant, when nothing offers it. */
  readonly suggestions: ReadonlyMap<string, string>;
  readonly isLoadingHistory: boolean;
}

interface Held {
  readonly mode: string;
  readonly stop: () => void;
}

/** Bound of the channels that are asked for one by one while others are sampled. */
const MAX_QUIET = 100;
const NO_SUGGESTIONS: ReadonlyMap<string, string> = new Map();

/** The stream of one connection: it lives as long as the page, and listens while the view is open. */
export class EventSession extends Store {
  readonly log = new EventLog();
  readonly rates = new Rates();
  readonly timeline = new Timeline();
  readonly #client: RcspClient;
  readonly #counts = new ChannelCounts();
  readonly #facets = new FacetCounter();
  readonly #sampler = new Sampler();
  readonly #held = new Map<string, Held>();
  #stops: (() => void)[] = [];
  #patterns: readonly string[] = [];
  #mode: Mode = 'all';
  #marksSeen = 0;
  #loading = 0;
  #hasChanged = false;
  #state: SessionState;

  constructor(client: RcspClient) {
    super();
    this.#client = client;
    this.#state = {
      counted: 0,
      leftOut: 0,
      missed: 0,
      isMissedUncertain: false,
      isSampling: false,
      ratio: 1,
      facets: this.#facets.snapshot(),
      refusals: [],
      suggestions: NO_SUGGESTIONS,
      isLoadingHistory: false,
    };
  }

  readonly snapshot = (): SessionState => this.#state;

  /** Listens until `close`. */
  open(): void {
    this.#sampler.reset(performance.now());
    const timer = setInterval(() => this.#tick(), WINDOW_MS);
    this.#stops = [
      () => clearInterval(timer),
      this.#client.on('gap', (gap) => this.#onGap(gap)),
      this.#client.on('error', (refusal) => this.#onRefusal(refusal)),
      this.#client.subscribe(GATEWAY_CHANNELS.jobs, this.#onJob),
      this.#client.subscribe(GATEWAY_CHANNELS.upstream, this.#onUpstream),
      marks.subscribe(() => this.#takeMarks()),
    ];
    this.#takeMarks();
    this.#apply();
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    for (const { stop } of this.#held.values()) stop();
    this.#held.clear();
    this.log.stop();
  }

  listen(patterns: readonly string[], mode: Mode): void {
    this.#patterns = patterns;
    this.#mode = mode;
    const isChosen = ({ channel }: ErrorEvent): boolean =>
      channel !== undefined && patterns.includes(channel);
    const suggestions = new Map(
      [...this.#state.suggestions].filter(([pattern]) => patterns.includes(pattern)),
    );
    this.#set({ refusals: this.#state.refusals.filter(isChosen), suggestions });
    if (this.#stops.length > 0) this.#apply();
  }

  clear(): void {
    this.log.clear();
    this.rates.clear();
    this.#facets.clear();
    this.#set({
      counted: 0,
      leftOut: 0,
      missed: 0,
      isMissedUncertain: false,
      facets: this.#facets.snapshot(),
    });
  }

  readonly clearRefusals = (): void => this.#set({ refusals: [] });

  /** Keeps the subscriptions of patterns that stay, so that none of their events is missed. */
  #apply(): void {
    const wanted = this.#wanted();
    for (const [pattern, { mode, stop }] of [...this.#held]) {
      if (wanted.get(pattern) !== undefined && JSON.stringify(wanted.get(pattern)) === mode) continue;
      stop();
      if (!wanted.has(pattern)) this.#held.delete(pattern);
    }
    for (const [pattern, mode] of wanted) {
      const text = JSON.stringify(mode);
      const held = this.#held.get(pattern);
      if (held?.mode === text) continue;
      const stop = this.#client.subscribe(pattern, { mode }, this.#onEvent);
      this.#held.set(pattern, { mode: text, stop });
      if (held === undefined && this.#patterns.includes(pattern)) this.#loadPast(pattern, stop.ready);
    }
  }

  #wanted(): ReadonlyMap<string, Mode> {
    const patterns = reduced(this.#patterns);
    const { hz } = this.#sampler;
    if (hz === undefined || typeof this.#mode === 'object') {
      return new Map(patterns.map((pattern) => [pattern, this.#mode]));
    }
    const quiet = patterns
      .flatMap((pattern) => Object.keys(this.#client.subscription(pattern)?.cursors ?? {}))
      .filter((channel) => this.#sampler.isQuiet(channel))
      .slice(0, MAX_QUIET);
    return new Map<string, Mode>([
      ...quiet.map((channel): [string, Mode] => [channel, this.#mode]),
      ...patterns.map((pattern): [string, Mode] => [pattern, { maxRateHz: hz }]),
    ]);
  }

  readonly #onEvent = (message: StudioEvent): void => {
    const { events, isNew } = this.#counts.count(message);
    if (!isNew) return;
    const said = statementOf(message);
    const isDrawn = this.#sampler.draw(message.channel);
    if (isDrawn) this.log.addEvent(message, said);
    const now = Date.now();
    this.rates.count(message.channel, now, events);
    this.timeline.count(said, now, events);
    this.#facets.count(said, events);
    this.#state = {
      ...this.#state,
      counted: this.#state.counted + events,
      leftOut: this.#state.leftOut + events - (isDrawn ? 1 : 0),
    };
    this.#hasChanged = true;
    if (this.#sampler.count(message.channel, events, performance.now())) this.#onSampling();
  };

  /** The client reports the gaps of every subscription; only those of the chosen channels are shown. */
  #onGap(told: GapEvent): void {
    if (!isOneOf(told.channel, this.#patterns)) return;
    const found = this.#counts.onGap(told);
    if (found === undefined) return;
    const { gap, since } = found;
    this.log.addGap(gap);
    this.#countGap(gap);
    const lane = laneOf(statementOf({ channel: gap.channel, event: {} }));
    this.timeline.addGap({ lane, from: since === 0 ? Date.now() - 1000 : since, to: Date.now() });
  }

  #countGap(gap: PageGap): void {
    const missing = missingIn({ kind: 'gap', key: 0, at: 0, gaps: [gap] });
    this.#set({
      missed: this.#state.missed + (missing ?? 0),
      counted: this.#state.counted + (missing ?? 0),
      isMissedUncertain: this.#state.isMissedUncertain || missing === undefined,
    });
  }

  #onRefusal(refusal: ErrorEvent): void {
    const { channel } = refusal;
    if (channel === undefined || !this.#patterns.includes(channel)) return;
    const others = this.#state.refusals.filter((each) => each.channel !== channel);
    this.#set({ refusals: [...others, refusal] });
  }

  readonly #onJob = ({ event, receivedAt }: StudioEvent): void => {
    const update = updateOf(event.EventData, receivedAt);
    if (update !== undefined) this.timeline.addUpdate(update.id, update.span);
  };

  readonly #onUpstream = ({ event, receivedAt }: StudioEvent): void => {
    const { state }: { state?: unknown } =
      typeof event.EventData === 'object' && event.EventData !== null ? event.EventData : {};
    if (state === 'connected') this.timeline.endOutage(receivedAt);
    else this.timeline.addGap({ lane: undefined, from: receivedAt, to: undefined });
  };

  #takeMarks(): void {
    const all = marks.snapshot();
    // Fewer than before: they were cleared.
    for (const { at, label } of all.slice(Math.min(this.#marksSeen, all.length))) this.log.addMark(at, label);
    this.#marksSeen = all.length;
  }

  #loadPast(pattern: string, ready: Promise<void>): void {
    // What the page has of each channel from before it listened: no event has come since.
    const known = this.#counts.places();
    this.#loading += 1;
    this.#set({ isLoadingHistory: true });
    void ready
      .then(() => this.#readPast(pattern, known))
      // Refused, or without history: what comes from now on is shown all the same.
      .catch(() => undefined)
      .finally(() => {
        this.#loading -= 1;
        this.#set({ isLoadingHistory: this.#loading > 0 });
      });
  }

  async #readPast(pattern: string, known: ReturnType<ChannelCounts['places']>): Promise<void> {
    const { cursors = {}, suggestion } = this.#client.subscription(pattern) ?? {};
    if (suggestion !== undefined) {
      this.#set({ suggestions: new Map([...this.#state.suggestions, [pattern, suggestion]]) });
    }
    for (const [channel, cursor] of Object.entries(cursors)) this.#counts.begin(channel, cursor);
    const entries: PastEntry[] = [];
    for (const message of await pastEvents(cursors)) {
      const gap = gapBefore(message, known.get(message.channel));
      if (gap === 'known') continue;
      if (gap !== undefined) {
        entries.push({ gap, at: message.receivedAt });
        this.#countGap(gap);
      }
      known.delete(message.channel);
      entries.push({ message });
      this.#countPast(message);
    }
    if (entries.length > 0) this.log.addPast(entries);
  }

  #countPast(message: StudioEvent): void {
    const said = statementOf(message);
    this.rates.count(message.channel, message.receivedAt, 1);
    this.timeline.count(said, message.receivedAt, 1);
    this.#facets.count(said, 1);
    this.#state = { ...this.#state, counted: this.#state.counted + 1 };
    this.#hasChanged = true;
  }

  #onSampling(): void {
    this.#apply();
    this.#set({ isSampling: this.#sampler.hz !== undefined && typeof this.#mode !== 'object' });
  }

  #tick(): void {
    if (this.#sampler.tick(performance.now())) this.#onSampling();
    if (this.#hasChanged) this.#set({ facets: this.#facets.snapshot(), ratio: this.#sampler.ratio });
    this.#hasChanged = false;
  }

  #set(changes: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...changes };
    this.notify();
  }
}
