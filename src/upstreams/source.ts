/** What a source of events offers. Whoever fans events out knows this and not where they come from. */

/** One stream at its origin. Publisher and topic alone do not name a device's stream. */
export interface EventStream {
  readonly publisher: string;
  readonly topic: string;
  readonly deviceId?: number | undefined;
}

/** One event. `bytes` is the whole event as its origin wrote it, valid JSON in UTF-8; copy what must last. */
export interface SourceEvent extends EventStream {
  readonly data: unknown;
  readonly bytes: Buffer;
}

export interface SourceListener {
  onEvent(event: SourceEvent): void;
  /** The origin refuses a stream, at once or after a reconnect; it is closed, and its users are rejected. */
  onRefused(stream: EventStream, error: Error): void;
  /** The origin sent an event that cannot be told: it is of one of these streams; without them, nobody knows. */
  onLost(streams?: readonly EventStream[]): void;
  /** False when continuity broke. True when every open stream has been asked for anew. */
  onSource(connected: boolean): void;
}

/** One use of a stream. A stream is open at its origin while anybody uses it. */
export interface OpenedStream {
  /** Resolves when the origin took it, which may be after a reconnect; rejects when it refused. */
  readonly ready: Promise<void>;
  /** Ends this use. A second call does nothing. */
  close(): void;
}

export interface EventSource {
  readonly connected: boolean;
  /** Streams opened in one turn of the event loop are asked for together. */
  open(stream: EventStream): OpenedStream;
}

/** The same for equal streams. */
export function streamKey({ publisher, topic, deviceId }: EventStream): string {
  return JSON.stringify([deviceId ?? null, publisher, topic]);
}
