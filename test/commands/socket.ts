import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';

const Json = z.record(z.string(), z.unknown());
type Json = z.output<typeof Json>;

const EventMessage = z.object({
  channel: z.string(),
  cursor: z.string(),
  event: z.object({ EventData: Json }),
});

/** A WebSocket client that shows its token in a header, as programs do. Ends with its test. */
export class GateSocket {
  /** In the order in which they came. */
  readonly messages: Json[] = [];
  readonly socket: WebSocket;
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.messages.push(Json.parse(JSON.parse(data.toString()))));
    socket.on('error', () => undefined);
    onTestFinished(() => socket.terminate());
  }

  static async connect(
    gateway: Gateway,
    headers: Readonly<Record<string, string>> = {},
    path = '/v1/ws',
  ): Promise<GateSocket> {
    const socket = new WebSocket(gateway.url.replace('http', 'ws') + path, { headers });
    const client = new GateSocket(socket);
    await once(socket, 'open');
    return client;
  }

  /** The answer to a message that gets a fresh `id`. */
  async ask(message: object): Promise<Json> {
    const id = this.#nextId++;
    this.socket.send(JSON.stringify({ ...message, id }));
    await until(() => this.messages.some((each) => each['id'] === id));
    return this.messages.find((each) => each['id'] === id)!;
  }

  command(command: string, args: object): Promise<Json> {
    return this.ask({ op: 'command', command, arguments: args });
  }

  subscribe(...channels: string[]): Promise<Json> {
    return this.ask({ op: 'subscribe', channels });
  }

  /** What each event of a channel says, in order. */
  told(channel: string): Json[] {
    return this.messages
      .filter((each) => each['op'] === 'event' && each['channel'] === channel)
      .map((each) => EventMessage.parse(each).event.EventData);
  }

  async close(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }
}

/** The problem of an answer to a command over a WebSocket. */
export function errorOf(answer: Json): Json {
  return Json.parse(answer['error']);
}
