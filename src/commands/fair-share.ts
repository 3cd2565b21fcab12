import { GatewayError } from '../errors/errors.js';

/** Beyond one caller's share, room for the others. */
const OTHERS_ROOM = 0.25;
/** Of that room, the part that reads may use; the rest is kept for writes. */
const READS_PART = 0.5;

/**
 * Bounds the commands that wait for the studio: `maxWaiting` for one caller, and a quarter more in all, of which half is
 * kept for writes. So no caller can keep the others out, and reads cannot keep writes out.
 */
export class FairShare {
  readonly #maxWaiting: number;
  readonly #byCaller = new Map<string, number>();
  #total = 0;

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** Commands that may wait in all. */
  static totalOf(maxWaiting: number): number {
    return Math.ceil(maxWaiting * (1 + OTHERS_ROOM));
  }

  /** @throws GatewayError `Too busy` */
  take(caller: string, isWrite: boolean): void {
    const own = this.#byCaller.get(caller) ?? 0;
    const room = isWrite ? 1 + OTHERS_ROOM : 1 + OTHERS_ROOM * READS_PART;
    if (own >= this.#maxWaiting || this.#total >= Math.ceil(this.#maxWaiting * room)) throw this.#busy(own);
    this.#byCaller.set(caller, own + 1);
    this.#total += 1;
  }

  release(caller: string): void {
    const left = (this.#byCaller.get(caller) ?? 1) - 1;
    if (left === 0) this.#byCaller.delete(caller);
    else this.#byCaller.set(caller, left);
    this.#total -= 1;
  }

  #busy(own: number): GatewayError {
    const detail =
      own >= this.#maxWaiting
        ? `${own} commands of this caller are waiting for the studio.`
        : `${this.#total} commands are waiting for the studio.`;
    return new GatewayError('Too busy', detail, { outcome: 'not-sent' });
  }
}
