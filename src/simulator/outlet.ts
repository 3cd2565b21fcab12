import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** A client that lets more than this pile up gets no events until it reads. */
const MAX_BACKLOG_BYTES = 8 * 1024 * 1024;
/** Over this its commands wait too: answers pile up on top of the events, and are not dropped. */
const FULL_BYTES = 2 * MAX_BACKLOG_BYTES;

/**
 * What goes out on one socket. Answers are never dropped, events are while the client does not read. A frame
 * is never torn by another one, even while it leaves byte by byte.
 */
export class Outlet {
  readonly #socket: Socket;
  #corked = false;
  /** Events that wait for a frame that leaves byte by byte. */
  #held: Buffer[] | undefined;
  #heldBytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** False when the client does not read and the event is dropped for it. */
  event(frame: Buffer): boolean {
    if (this.#socket.writableLength + this.#heldBytes > MAX_BACKLOG_BYTES) return false;
    if (this.#held === undefined) this.#write(frame);
    else {
      this.#held.push(frame);
      this.#heldBytes += frame.length;
    }
    return true;
  }

  /** Resolves once the client has read enough to be given more. */
  async answer(frame: Buffer): Promise<void> {
    this.#write(frame);
    if (this.#socket.writableLength > FULL_BYTES) await drained(this.#socket);
  }

  /** One byte a turn of the event loop. */
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

  /** What is written within one tick leaves as one. */
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
