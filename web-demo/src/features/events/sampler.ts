/** Decides when to ask the gateway for fewer events than there are. */

/** Above this rate, in events per second, a part is drawn. */
const START_HZ = 2000;
/** Below it, every event is drawn again, after so many quiet windows. */
const STOP_HZ = 1000;
const QUIET_WINDOWS = 6;
export const WINDOW_MS = 500;
/** Events that are drawn in a second while sampling, over all channels. */
const DRAWN_HZ = 400;
const MAX_CHANNEL_HZ = 40;
/** A channel below this rate is never sampled. */
const QUIET_CHANNEL_HZ = 20;

/** Rates are counted per window; `now` is in milliseconds of a steady clock. */
export class Sampler {
  #startedAt = 0;
  #total = 0;
  #channels = new Map<string, number>();
  /** Events of this window that were drawn, by channel. */
  #drawn = new Map<string, number>();
  #ratio = 1;
  #quietWindows = 0;
  #noisy = new Set<string>();
  /** Events per second and channel that are asked for; undefined while every event is. */
  #hz: number | undefined;

  get hz(): number | undefined {
    return this.#hz;
  }

  /** Of how many events one was drawn in the last window. */
  get ratio(): number {
    return this.#ratio;
  }

  /** Whether one more event of the channel is drawn: what was on its way when sampling began is only counted. */
  draw(channel: string): boolean {
    const before = this.#drawn.get(channel) ?? 0;
    const isOver =
      this.#hz !== undefined &&
      this.#noisy.has(channel) &&
      before >= Math.max(1, (this.#hz * WINDOW_MS) / 1000);
    if (!isOver) this.#drawn.set(channel, before + 1);
    return !isOver;
  }

  /** Channels that are not to be sampled although others are. */
  isQuiet(channel: string): boolean {
    return !this.#noisy.has(channel);
  }

  /** @returns whether what is asked for has changed */
  count(channel: string, events: number, now: number): boolean {
    this.#total += events;
    this.#channels.set(channel, (this.#channels.get(channel) ?? 0) + events);
    const isEarly = this.#hz === undefined && this.#total > (START_HZ * WINDOW_MS) / 1000;
    return isEarly && now - this.#startedAt < WINDOW_MS * 1.2 ? this.#start() : false;
  }

  /** The end of a window. @returns whether what is asked for has changed */
  tick(now: number): boolean {
    const seconds = Math.max(now - this.#startedAt, 1) / 1000;
    const rate = this.#total / seconds;
    let hasChanged = false;
    if (this.#hz === undefined) hasChanged = rate > START_HZ && this.#start();
    else {
      this.#quietWindows = rate < STOP_HZ ? this.#quietWindows + 1 : 0;
      if (this.#quietWindows >= QUIET_WINDOWS) hasChanged = this.#stop();
      else hasChanged = this.#addNoisy(seconds);
    }
    const drawn = [...this.#drawn.values()].reduce((sum, each) => sum + each, 0);
    this.#ratio = Math.max(1, Math.round(this.#total / Math.max(drawn, 1)));
    this.#begin(now);
    return hasChanged;
  }

  reset(now: number): void {
    this.#begin(now);
    this.#stop();
  }

  #begin(now: number): void {
    this.#startedAt = now;
    this.#total = 0;
    this.#channels = new Map();
    this.#drawn = new Map();
  }

  #start(): true {
    const busy = [...this.#channels].filter(([, events]) => events > (QUIET_CHANNEL_HZ * WINDOW_MS) / 1000);
    this.#noisy = new Set(busy.map(([channel]) => channel));
    this.#quietWindows = 0;
    this.#hz = Math.max(1, Math.min(MAX_CHANNEL_HZ, Math.floor(DRAWN_HZ / Math.max(busy.length, 1))));
    return true;
  }

  #stop(): boolean {
    const wasSampling = this.#hz !== undefined;
    this.#hz = undefined;
    this.#noisy = new Set();
    return wasSampling;
  }

  #addNoisy(seconds: number): boolean {
    const added = [...this.#channels].filter(
      ([channel, events]) => events / seconds > QUIET_CHANNEL_HZ * 2 && !this.#noisy.has(channel),
    );
    for (const [channel] of added) this.#noisy.add(channel);
    return added.length > 0;
  }
}
