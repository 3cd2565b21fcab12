import type { WebSocket } from 'ws';
import { z } from 'zod';
import { GatewayError } from '../errors/errors.js';

/** As RTCBot sends and expects it: exactly these keys, for Python makes arguments of them. */
export interface Description {
  readonly sdp: string;
  readonly type: string;
}

const answer = z.object({ sdp: z.string().min(1), type: z.literal('answer') });

/** Milliseconds that a robot may take for its answer. */
const ANSWER_MS = 10_000;
/** Offers that wait behind the one that the robot has. */
const MAX_WAITING = 16;
const PING_MS = 15_000;
/** Milliseconds for a robot to prove that it is there, when another one asks for its id. */
const PROOF_MS = 5000;

interface Offer {
  readonly description: Description;
  readonly resolve: (answer: Description) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One robot at its socket. It gets one offer at a time, and its next message is the answer:
 *
 *   offers → waiting, in order → asked (10 s) → answered | robot gone | nonsense | silent
 *
 * A robot that was silent or said nonsense is let go of: its late answer must not reach the next browser.
 */
export class RtcRobot {
  readonly #socket: WebSocket;
  readonly #waiting: Offer[] = [];
  #asked: Offer | undefined;
  #overdue: NodeJS.Timeout | undefined;
  readonly #ping: NodeJS.Timeout;
  #proof: NodeJS.Timeout | undefined;
  #isAlive = true;

  /** @param onGone called once, when the socket has closed */
  constructor(socket: WebSocket, onGone: () => void) {
    this.#socket = socket;
    this.#ping = setInterval(() => this.#checkAlive(), PING_MS);
    socket.on('pong', () => {
      this.#isAlive = true;
      clearTimeout(this.#proof);
      this.#proof = undefined;
    });
    socket.on('message', (data: Buffer, isBinary) => this.#take(isBinary ? '' : data.toString()));
    // `close` follows.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearInterval(this.#ping);
      clearTimeout(this.#proof);
      onGone();
      this.#failAll(new GatewayError('Connection lost', 'The robot is gone; it gave no answer.'));
    });
  }

  /** @throws GatewayError `Timeout`, `Connection lost`, `Protocol error`, `Too many requests` */
  ask(description: Description): Promise<Description> {
    if (this.#waiting.length >= MAX_WAITING) {
      const detail = `${MAX_WAITING} offers wait for this robot already.`;
      return Promise.reject(new GatewayError('Too many requests', detail, { outcome: 'not-sent' }));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ description, resolve, reject });
      this.#next();
    });
  }

  /** Somebody else wants its id: it goes unless it answers a ping soon. */
  prove(): void {
    if (this.#proof !== undefined) return;
    this.#socket.ping();
    this.#proof = setTimeout(() => this.#socket.terminate(), PROOF_MS);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #next(): void {
    if (this.#asked !== undefined) return;
    this.#asked = this.#waiting.shift();
    if (this.#asked === undefined) return;
    const { sdp, type } = this.#asked.description;
    this.#socket.send(JSON.stringify({ sdp, type }));
    this.#overdue = setTimeout(() => {
      const detail = `The robot did not answer within ${ANSWER_MS / 1000} s.`;
      this.#fail(new GatewayError('Timeout', detail), 1011, 'no answer in time');
    }, ANSWER_MS);
  }

  #take(text: string): void {
    const asked = this.#asked;
    // Nobody waits for it.
    if (asked === undefined) return;
    const parsed = answer.safeParse(jsonOf(text));
    if (!parsed.success) {
      const error = new GatewayError(
        'Protocol error',
        'The robot answered with something that is no answer.',
      );
      return this.#fail(error, 1008, 'not an answer: {"sdp", "type": "answer"}');
    }
    clearTimeout(this.#overdue);
    this.#asked = undefined;
    asked.resolve({ sdp: parsed.data.sdp, type: parsed.data.type });
    this.#next();
  }

  #fail(error: GatewayError, code: number, reason: string): void {
    clearTimeout(this.#overdue);
    this.#asked?.reject(error);
    this.#asked = undefined;
    this.#failAll(
      new GatewayError('Connection lost', 'The robot was let go of: it did not answer the offer before.'),
    );
    this.#socket.close(code, reason);
    // Its place must be free although it does not close.
    this.#proof ??= setTimeout(() => this.#socket.terminate(), PROOF_MS);
  }

  #failAll(error: GatewayError): void {
    clearTimeout(this.#overdue);
    this.#asked?.reject(error);
    this.#asked = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #checkAlive(): void {
    if (!this.#isAlive) return this.#socket.terminate();
    this.#isAlive = false;
    this.#socket.ping();
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
