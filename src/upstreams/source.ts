/**
 * The seam between the event hub and whatever events come from. A stream is a channel name; an event is opaque bytes.
 * What is inside, and how a channel maps to a stream of the upstream, is the source's own.
 */

/** What a source tells the hub. */
export interface SourceListener {
  /** `event` is the whole event as its origin wrote it: valid JSON in UTF-8. Copy what must last. */
  onEvent(channel: string, event: Buffer): void;
  /** The origin refuses a channel, at once or after a reconnect. It is closed, and its users are rejected. */
  onRefused(channel: string, error: Error): void;
  /** Events of these channels may be missing; without channels, of every channel of this source. */
  onLost(channels?: readonly string[]): void;
  /** False when continuity broke. True when every open channel has been asked for anew. */
  onSource(connected: boolean): void;
  /** `offers` was read: called after each reading while the source is watched, otherwise when it has changed. */
  onOffers(): void;
}

/** One use of a channel. A channel is open at its origin while anybody uses it. */
export interface OpenedChannel {
  /** Resolves when the origin took it, which may be after a reconnect; rejects when it refused. */
  readonly ready: Promise<void>;
  /** Ends this use. A second call does nothing. */
  close(): void;
}

export interface EventSource {
  /** The upstream's id, unique in a gateway. */
  readonly id: string;
  readonly connected: boolean;
  /** The channels that can be opened, as far as they are known; wildcards stand for them. */
  readonly offers: readonly string[];
  /** Whether a channel, by its full name, is one of this source's. */
  owns(channel: string): boolean;
  /** The hub takes the source in; called once, before anything is opened. */
  attach(listener: SourceListener): void;
  /** Channels opened in one turn of the event loop are asked for together. */
  open(channel: string): OpenedChannel;
  /** While true, clients wait for channels that are not offered yet, or that were refused: poll for changes. */
  watch(isWatched: boolean): void;
}
