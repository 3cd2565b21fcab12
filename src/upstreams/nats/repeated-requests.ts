/** Requests that come twice: asked for anew by an edge that waits no longer, or passed on twice by the network. Pure. */

/** Milliseconds that an answer is kept for a message that comes again. */
const KEEP_MS = 120_000;
const MAX_KEPT = 2000;
const MAX_BYTES = 4 * 1024 * 1024;

export interface RequestIdentity {
  /** Where the answer goes. */
  readonly reply: string;
  /** Who asks, for what, with which arguments, under the number that the asker gave it. */
  readonly request: string;
}

type Answer = (bytes: Buffer) => void;

interface Kept {
  readonly bytes: Buffer;
  readonly at: number;
}

/**
 * The same request while the first one runs gets its answer. Afterwards it is a new one, unless it goes to the same
 * reply subject: no two requests of one asker have that.
 */
export class RepeatedRequests {
  readonly #running = new Map<string, Answer[]>();
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  /** How to answer a request that is to be run; undefined for one that is not, which is answered like the first. */
  begin({ reply, request }: RequestIdentity, answer: Answer): Answer | undefined {
    const key = `${reply}\n${request}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && Date.now() - kept.at < KEEP_MS) {
      answer(kept.bytes);
      return undefined;
    }
    const running = this.#running.get(request);
    if (running !== undefined) {
      running.push(answer);
      return undefined;
    }
    const answers = [answer];
    this.#running.set(request, answers);
    return (bytes) => {
      this.#running.delete(request);
      this.#keep(key, bytes);
      for (const each of answers) each(bytes);
    };
  }

  #keep(key: string, bytes: Buffer): void {
    this.#drop(key);
    this.#kept.set(key, { bytes, at: Date.now() });
    this.#bytes += bytes.length + key.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT && this.#bytes <= MAX_BYTES) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept !== undefined) this.#bytes -= kept.bytes.length + key.length;
    this.#kept.delete(key);
  }
}
