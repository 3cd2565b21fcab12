import { EventEmitter, once } from 'node:events';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

/*
 * An RCSP server whose every byte the test decides. It writes and reads frames by its own few lines, after the
 * `header` struct of the specification, so that a mistake in the gateway's codec cannot hide in it.
 */

const HEADER_BYTES = 8;

const Type = { command: 1, ok: 2, error: 3, event: 4 } as const;

/** What a test may get wrong on purpose. */
export interface HeaderFaults {
  readonly marker?: number;
  readonly version?: number;
  /** Above 8, the trailing bytes that it promises are there. */
  readonly headerSize?: number;
  readonly payloadSize?: number;
}

export function frame(type: number, payload: string | Buffer, faults: HeaderFaults = {}): Buffer {
  const body = Buffer.from(payload);
  const headerSize = faults.headerSize ?? HEADER_BYTES;
  const header = Buffer.alloc(Math.max(HEADER_BYTES, headerSize), 0xee);
  header.writeUInt8(faults.marker ?? 0xdc, 0);
  header.writeUInt8(faults.version ?? 1, 1);
  header.writeUInt8(headerSize, 2);
  header.writeUInt8(type, 3);
  header.writeUInt32LE(faults.payloadSize ?? body.length, 4);
  return Buffer.concat([header, body]);
}

/** Any payload with the command's `TrackId`. */
export function okPayload(trackId: string, response?: unknown): string {
  return JSON.stringify({ Status: 'Ok', TrackId: trackId, Version: 1, Response: response });
}

export function okFrame(command: ReceivedCommand, response?: unknown, faults?: HeaderFaults): Buffer {
  return frame(Type.ok, okPayload(command.trackId, response), faults);
}

export function errorFrame(command: ReceivedCommand, code: string): Buffer {
  const payload = { Status: 'Error', TrackId: command.trackId, Version: 1, Error: { Code: code } };
  return frame(Type.error, JSON.stringify(payload));
}

export function eventFrame(publisher: string, topic: string, data?: unknown): Buffer {
  return frame(Type.event, JSON.stringify({ Publisher: publisher, Topic: topic, EventData: data }));
}

/** `rcsp_cmd`, with the connection that it came in on. */
export interface ReceivedCommand {
  readonly connection: ScriptedConnection;
  readonly name: string;
  readonly trackId: string;
  readonly args: unknown;
  /** The payload as it came. */
  readonly text: string;
}

const CommandPayload = z.looseObject({
  Command: z.string(),
  TrackId: z.string(),
  Arguments: z.unknown().optional(),
});

/** The server's end of one connection. */
export class ScriptedConnection {
  /** In the order in which they came. */
  readonly commands: ReceivedCommand[] = [];
  /** What each read of the socket gave. */
  readonly chunks: Buffer[] = [];
  readonly ended: Promise<unknown>;
  readonly #socket: net.Socket;
  #parts: Buffer[] = [];
  #unread = 0;
  #needed = HEADER_BYTES;

  constructor(socket: net.Socket, onCommand: (command: ReceivedCommand) => void) {
    this.#socket = socket.setNoDelay();
    // A reset by the other side is an end like any other here.
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      for (const command of this.#read(chunk)) onCommand(command);
    });
    this.ended = new Promise((resolve) => socket.once('close', resolve));
  }

  get open(): boolean {
    return !this.#socket.destroyed;
  }

  raw(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** A turn of the event loop between two bytes, so that the other side reads each alone. */
  async inOneBytePieces(bytes: Buffer): Promise<void> {
    for (const byte of bytes) {
      this.#socket.write(Uint8Array.of(byte));
      await nextTurn();
    }
  }

  /** Sends nothing more after `bytes` and still listens. */
  halfClose(bytes: Buffer = Buffer.alloc(0)): void {
    this.#socket.end(bytes);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Leaves what comes in the system's buffers, so that the other side cannot write on. */
  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  *#read(chunk: Buffer): Generator<ReceivedCommand> {
    this.#parts.push(chunk);
    this.#unread += chunk.length;
    while (this.#unread >= this.#needed) {
      const bytes = Buffer.concat(this.#parts);
      this.#needed = HEADER_BYTES + bytes.readUInt32LE(4);
      if (this.#unread < this.#needed) {
        this.#parts = [bytes];
        return;
      }
      yield this.#take(bytes.subarray(HEADER_BYTES, this.#needed));
      this.#parts = [bytes.subarray(this.#needed)];
      this.#unread -= this.#needed;
      this.#needed = HEADER_BYTES;
    }
  }

  #take(payload: Buffer): ReceivedCommand {
    const text = payload.toString();
    const { Command, TrackId, Arguments } = CommandPayload.parse(JSON.parse(text));
    const command = { connection: this, name: Command, trackId: TrackId, args: Arguments, text };
    this.commands.push(command);
    return command;
  }
}

/** Says nothing by itself: the test answers, or gives `onCommand`. */
export class ScriptedServer {
  /** All there ever were, also the ended ones. */
  readonly connections: ScriptedConnection[] = [];
  /** Of all connections, in the order in which they came. */
  readonly commands: ReceivedCommand[] = [];
  onCommand: (command: ReceivedCommand) => void = () => undefined;
  /** A connection above these is closed at once. */
  maxConnections = Infinity;
  readonly #server: net.Server;
  readonly #changes = new EventEmitter().setMaxListeners(0);

  private constructor(server: net.Server) {
    this.#server = server;
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** Ends with the test. Port 0 picks a free one. */
  static async start(port = 0): Promise<ScriptedServer> {
    const server = new ScriptedServer(net.createServer());
    onTestFinished(() => server.stop());
    server.#server.listen(port, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return addressOf(this.#server).port;
  }

  get open(): ScriptedConnection[] {
    return this.connections.filter((each) => each.open);
  }

  ok(command: ReceivedCommand, response?: unknown): void {
    command.connection.raw(okFrame(command, response));
  }

  error(command: ReceivedCommand, code: string): void {
    command.connection.raw(errorFrame(command, code));
  }

  named(name: string): ReceivedCommand[] {
    return this.commands.filter((each) => each.name === name);
  }

  /** The command of this name that came as number `nth`, once it is there. */
  async received(name: string, nth = 1): Promise<ReceivedCommand> {
    for (;;) {
      const command = this.named(name)[nth - 1];
      if (command !== undefined) return command;
      await once(this.#changes, 'change');
    }
  }

  async stop(): Promise<void> {
    for (const connection of this.open) connection.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: net.Socket): void {
    if (this.open.length >= this.maxConnections) {
      socket.destroy();
      return;
    }
    const connection = new ScriptedConnection(socket, (command) => {
      this.commands.push(command);
      this.onCommand(command);
      this.#changes.emit('change');
    });
    this.connections.push(connection);
  }
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = addressOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

function addressOf(server: net.Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address;
}

const Subscription = z.object({
  Publishers: z.array(z.object({ Publisher: z.string(), Topics: z.array(z.string()) })),
});

/** What a subscription names, as `Publisher/Topic`. */
export function topicsOf(args: unknown): string[] {
  const { Publishers } = Subscription.parse(args);
  return Publishers.flatMap(({ Publisher, Topics }) => Topics.map((topic) => `${Publisher}/${topic}`));
}

export function topicsAsked(server: ScriptedServer, command = 'Subscribe'): string[] {
  return server.named(command).flatMap(({ args }) => topicsOf(args));
}
