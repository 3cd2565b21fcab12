/** Where nodes tell what happened: a TCP connection an event. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Address } from '../../util/address.js';
import { JsonReader, ReaderError } from './protocol/json-reader.js';
import { parseMessage } from './protocol/pycom-message.js';
import type { ReceivedMessage } from './protocol/pycom-message.js';
import { plainAddress } from './pycom-sender.js';

export const MAX_EVENT_BYTES = 1_048_576;
/** Milliseconds that a node has for one event. */
const EVENT_MS = 5000;
/** Connections at once, of one address; each may hold an event of the largest size. */
const MAX_PER_ADDRESS = 16;
const MAX_CONNECTIONS = 128;

/** Why a connection is of no use. */
export const CALLBACK_REFUSALS = [
  'unknown-address',
  'unknown-node',
  'too-many',
  'too-large',
  'too-slow',
  'not-json',
  'incomplete',
  'not-pycom',
] as const;
export type CallbackRefusal = (typeof CALLBACK_REFUSALS)[number];

export interface CallbackListenerOptions {
  readonly address: Address;
  /** Whether any node has this IP address. */
  readonly isKnown: (remote: string) => boolean;
  /** False when no node at that address is the one that the message names. */
  readonly onMessage: (remote: string, received: ReceivedMessage) => boolean;
  readonly onRefused: (reason: CallbackRefusal, remote: string) => void;
}

export class CallbackListener {
  readonly #options: CallbackListenerOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(options: CallbackListenerOptions) {
    this.#options = options;
  }

  /** Undefined while it does not listen. */
  get port(): number | undefined {
    return this.#server?.listening === true ? (this.#server.address() as AddressInfo).port : undefined;
  }

  /** @throws Error when the address cannot be had; it may be tried again */
  async listen(): Promise<void> {
    const server = createServer((socket) => this.#accept(socket));
    server.maxConnections = MAX_CONNECTIONS;
    server.on('drop', (data) => this.#options.onRefused('too-many', plainAddress(data?.remoteAddress)));
    server.listen(this.#options.address);
    await once(server, 'listening');
    // Errors of single connections are theirs.
    server.on('error', () => undefined);
    this.#server = server;
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    const remote = plainAddress(socket.remoteAddress);
    const reason = this.#reasonAgainst(remote);
    if (reason !== undefined) {
      socket.destroy();
      return this.#options.onRefused(reason, remote);
    }
    this.#sockets.add(socket);
    const reader = new JsonReader(MAX_EVENT_BYTES);
    let isOver = false;
    const refuse = (why: CallbackRefusal): void => {
      if (isOver) return;
      isOver = true;
      socket.destroy();
      this.#options.onRefused(why, remote);
    };
    const overdue = setTimeout(() => (isOver ? socket.destroy() : refuse('too-slow')), EVENT_MS);
    socket.on('data', (chunk) => {
      if (isOver) return;
      const bytes = read(reader, chunk);
      if (bytes instanceof ReaderError) return refuse(bytes.reason);
      if (bytes === undefined) return;
      const why = this.#tell(remote, bytes);
      if (why !== undefined) return refuse(why);
      isOver = true;
      socket.end();
    });
    socket.once('end', () => refuse(reader.end().reason));
    socket.on('error', () => refuse('incomplete'));
    socket.once('close', () => {
      clearTimeout(overdue);
      this.#sockets.delete(socket);
      refuse('incomplete');
    });
  }

  #reasonAgainst(remote: string): CallbackRefusal | undefined {
    if (!this.#options.isKnown(remote)) return 'unknown-address';
    let own = 0;
    for (const each of this.#sockets) if (plainAddress(each.remoteAddress) === remote) own += 1;
    return own < MAX_PER_ADDRESS ? undefined : 'too-many';
  }

  #tell(remote: string, bytes: Buffer): CallbackRefusal | undefined {
    const received = parseMessage(bytes);
    if (received === undefined) return 'not-pycom';
    return this.#options.onMessage(remote, received) ? undefined : 'unknown-node';
  }
}

function read(reader: JsonReader, chunk: Buffer): Buffer | ReaderError | undefined {
  try {
    return reader.push(chunk);
  } catch (error) {
    if (error instanceof ReaderError) return error;
    throw error;
  }
}
