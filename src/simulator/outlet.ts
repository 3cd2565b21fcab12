import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Drops events while more than this waits to be read by the client. */
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024;
/** Delays commands while more than this waits: answers are never dropped. */
const FULL_BYTES = 2 * MAX_BACKLOG_BYTES;

/**
 * Writes frames to one socket. Drops events, never answers, while the client does not read. Frames are never
 * interleaved, even when one is written byte by byte.
 */
export class Outlet {
  readonly #socket: Socket;
  #corked = false;
  /** Events held until a frame has been written byte by byte. */
  #held: Buffer[] | undefined;
  #heldBytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Returns false when the event is dropped because the client does not read. */
  event(frame: Buffer): boolean {
    if (this.#socket.writableLength + this.#heldBytes > MAX_BACKLOG_BYTES) return false;
    if (this.#held === undefined) this.#write(frame);
    else {
      this.#held.push(frame);
      this.#heldBytes += frame.length;
    }
    return true;
  }

  /** Resolves once the backlog is small enough for more. */
  async answer(frame: Buffer): Promise<void> {
    this.#write(frame);
    if (this.#socket.writableLength > FULL_BYTES) await drained(this.#socket);
  }

  /** Writes one byte per turn of the event loop. */
  async answerInPieces(frame: Buffer): Promise<void> {
    this.#held = [];
    for (const byte of frame) {
      if (!this.#socket.writable) break;
      this.#socket.write(Uint8Array.of(byte));
      await nextTurn();
    }
    const held = this.#held;
    this.#held = undefined;
    this.#heldBytes = 0;
    for (const event of held) this.#write(event);
  }

  /** Joins the frames of one tick into one write. */
  #write(frame: Buffer): void {
    if (!this.#socket.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(frame);
  }
}

function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.once('drain', done);
    socket.once('close', done);
  });
}
