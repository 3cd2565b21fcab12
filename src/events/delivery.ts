/** The seam between the hub and the transports: bytes of one event for all clients, and one client's connection. */
import type { ChannelEvent } from './channel-event.js';

/** Turns messages into a transport's bytes. It holds no state, so that all clients of a transport share the bytes. */
export interface Framing {
  /** Clients with the same framing and the same channels share their bytes. */
  readonly name: string;
  event(event: ChannelEvent): Buffer;
  /** Any other message, `{"op":…}`. */
  message(message: object): Buffer;
  /** A command's answer: `head`, JSON bytes, and the closing brace, as one message. */
  answer(head: string, response: Buffer): Buffer;
  /** What goes to a client in one batch: one piece where frames may be joined, each by itself where they may not. */
  batch(frames: readonly Buffer[]): readonly Buffer[];
}

/** The connection of a client, whatever it is. */
export interface Sink {
  readonly framing: Framing;
  /** Nothing is stuck on the way: more may be written. */
  readonly isFree: boolean;
  /** Bytes written that the client is not known to have taken. */
  readonly pendingBytes: number;
  /** Writes a batch that `framing.batch` made. */
  write(batch: readonly Buffer[]): void;
  /** What is written from now to the end of the current turn leaves together. */
  corkUntilNextTick(): void;
  close(code: number, reason: string): void;
}
