/** One RCSP connection of `doctor`: what answers at an address, tried once, with a short timeout. */
import { once } from 'node:events';
import net from 'node:net';
import { FrameDecoder } from '../upstreams/rcsp/protocol/frame.js';
import { encodeCommand, parseServerMessage } from '../upstreams/rcsp/protocol/message.js';
import type { ServerMessage } from '../upstreams/rcsp/protocol/message.js';
import { CLOSED_SILENTLY, describePeer, PEER_BYTES } from '../upstreams/rcsp/protocol/peer.js';
import type { Address } from '../util/address.js';
import { within } from '../util/within.js';

/** What answers is not an RCSP server, or one that does not answer; the message is in plain words. */
export class ProbeError extends Error {}

interface Waiting {
  readonly resolve: (message: ServerMessage) => void;
  readonly reject: (error: Error) => void;
}

export class RcspProbe {
  readonly #socket: net.Socket;
  readonly #timeoutMs: number;
  readonly #decoder = new FrameDecoder((type, payload) => this.#take(parseServerMessage(type, payload)));
  #firstBytes: Buffer | undefined;
  #waiting: Waiting | undefined;
  #failure: Error | undefined;

  private constructor(socket: net.Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(new ProbeError(`the connection broke: ${error.message}`)));
    socket.on('close', () =>
      this.#fail(new ProbeError(this.#firstBytes ? 'the studio closed the connection' : CLOSED_SILENTLY)),
    );
  }

  /** The caller closes it. @throws Error of the attempt, such as ECONNREFUSED or a timeout */
  static async open({ host, port }: Address, timeoutMs: number): Promise<RcspProbe> {
    const socket = net.connect({ host, port, noDelay: true });
    try {
      await within(
        once(socket, 'connect'),
        timeoutMs,
        () => new ProbeError(`no answer within ${timeoutMs / 1000} s`),
      );
    } catch (error) {
      socket.on('error', () => undefined);
      socket.destroy();
      throw error;
    }
    return new RcspProbe(socket, timeoutMs);
  }

  /** One command at a time, without arguments. @throws ProbeError */
  async ask(command: string): Promise<unknown> {
    const message = await within(
      new Promise<ServerMessage>((resolve, reject) => {
        if (this.#failure !== undefined) return reject(this.#failure);
        this.#waiting = { resolve, reject };
        this.#socket.write(encodeCommand({ Command: command, TrackId: `doctor-${command}`, Version: 1 }));
      }),
      this.#timeoutMs,
      () =>
        new ProbeError(
          `it accepts connections, and did not answer ${command} within ${this.#timeoutMs / 1000} s`,
        ),
    );
    if (message.kind === 'ok') return message.response;
    if (message.kind === 'error') throw new ProbeError(`it refuses ${command}: ${message.code}`);
    throw new ProbeError(`its answer to ${command} cannot be read`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#firstBytes ??= Buffer.from(chunk.subarray(0, PEER_BYTES));
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      const reason = describePeer(this.#firstBytes);
      this.#fail(new ProbeError(reason ?? `it does not speak RCSP: ${(error as Error).message}`));
      this.#socket.destroy();
    }
  }

  #take(message: ServerMessage): void {
    // Some other client's events may be on their way.
    if (message.kind !== 'event') this.#waiting?.resolve(message);
  }

  /** The first reason is the one that counts. */
  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
  }
}
