/**
 * The seam between the event hub and whatever events come from. A stream is a channel name; an event is opaque bytes.
 * What is inside, and how a channel maps to a stream of the upstream, is the source's own.
 */
import type { Cursor } from '../wire/cursor.js';

/** An event with the place that its origin gave it. */
export interface PlacedEvent {
  readonly place: Cursor;
  /** When the origin received it, in milliseconds since 1970. */
  readonly receivedAt: number;
  /** As for `onEvent`. */
  readonly event: Buffer;
}

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

/** What a source whose events have places already tells the hub. */
export interface PlaceListener {
  /**
   * An event, which is kept whether or not anybody listens; one at or before the newest place of its channel is
   * ignored. `$gateway/…` is a channel that the origin's gateway has of this studio.
   */
  onPlaced(channel: string, placed: PlacedEvent): void;
  /** A channel has come to this place; its epoch may be a new one, of which no event has come. */
  onPlace(channel: string, place: Cursor): void;
  /** All that was kept has been told: what follows is new. Until then, nothing is sent to clients. */
  onLoaded(): void;
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
  /** Present where the places of events are their origin's; then none of its channels begins an epoch here. */
  attachPlaces?(listener: PlaceListener): void;
  /** Channels opened in one turn of the event loop are asked for together. */
  open(channel: string): OpenedChannel;
  /** While true, clients wait for channels that are not offered yet, or that were refused: poll for changes. */
  watch(isWatched: boolean): void;
}
