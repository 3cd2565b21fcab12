/** Messages on their way to the stream: sent without waiting for each other, acknowledged one by one, bounded. */
import type { MsgHdrs, NatsConnection, Subscription } from '@nats-io/transport-node';
import { z } from 'zod';

export interface PublishWindowOptions {
  readonly connection: NatsConnection;
  readonly inbox: string;
  /** Messages without an acknowledgement at most. */
  readonly size: number;
  readonly ackTimeoutMs: number;
  /** There is room again. */
  readonly onRoom: () => void;
  /** The stream did not take a message, or did not confirm it in time. What else was sent may have been stored. */
  readonly onFailure: (reason: string) => void;
  /** The stream had a message already. */
  readonly onDuplicate: () => void;
}

const Ack = z.object({
  stream: z.string().optional(),
  duplicate: z.boolean().optional(),
  error: z.object({ description: z.string() }).optional(),
});

/** How often the age of the oldest message is looked at, in parts of the timeout. */
const CHECKS = 4;

export class PublishWindow {
  readonly #options: PublishWindowOptions;
  readonly #acks: Subscription;
  /** When each was sent, by its number; the oldest comes first. */
  readonly #sent = new Map<string, number>();
  readonly #check: NodeJS.Timeout;
  #count = 0;
  #isClosed = false;

  constructor(options: PublishWindowOptions) {
    this.#options = options;
    this.#acks = options.connection.subscribe(`${options.inbox}.*`, {
      callback: (error, message) => {
        if (error !== null) return this.#fail(error.message);
        const isUnheard = message.headers?.code === 503;
        this.#onAck(
          message.subject.slice(options.inbox.length + 1),
          isUnheard ? undefined : message.string(),
        );
      },
    });
    this.#check = setInterval(() => this.#checkAge(), options.ackTimeoutMs / CHECKS);
  }

  get hasRoom(): boolean {
    return !this.#isClosed && this.#sent.size < this.#options.size;
  }

  get isEmpty(): boolean {
    return this.#sent.size === 0;
  }

  send(subject: string, payload: Uint8Array, headers: MsgHdrs): void {
    const number = String((this.#count += 1));
    this.#sent.set(number, performance.now());
    this.#options.connection.publish(subject, payload, {
      headers,
      reply: `${this.#options.inbox}.${number}`,
    });
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#check);
    this.#sent.clear();
    if (!this.#options.connection.isClosed()) this.#acks.unsubscribe();
  }

  /** `text` is undefined when no stream takes the subject. */
  #onAck(number: string, text: string | undefined): void {
    if (!this.#sent.has(number)) return;
    if (text === undefined) return this.#fail('no stream takes the subject');
    const ack = Ack.safeParse(parse(text)).data;
    if (ack?.error !== undefined || ack?.stream === undefined)
      return this.#fail(ack?.error?.description ?? 'the acknowledgement cannot be read');
    if (ack.duplicate === true) this.#options.onDuplicate();
    const wasFull = !this.hasRoom;
    this.#sent.delete(number);
    if (wasFull || this.isEmpty) this.#options.onRoom();
  }

  #checkAge(): void {
    const [oldest] = this.#sent.values();
    if (oldest !== undefined && performance.now() - oldest > this.#options.ackTimeoutMs)
      this.#fail('the stream does not acknowledge');
  }

  #fail(reason: string): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onFailure(reason);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
