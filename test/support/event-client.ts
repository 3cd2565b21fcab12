import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Gateway } from './gateway.js';
import { until } from './gateway.js';

/*
 * Clients of the gateway's events. Each ends with its test. The WebSocket's messages are checked against forms
 * written after the contract, which allow no field that is not promised.
 */

const Id = z.union([z.string(), z.number(), z.null()]);
const Place = z.string().regex(/^[0-9a-z]+:\d+$/);

const Message = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('subscribed'),
    id: Id,
    channels: z.array(
      z.strictObject({
        channel: z.string(),
        cursors: z.record(z.string(), Place),
        suggestion: z.string().optional(),
      }),
    ),
  }),
  z.strictObject({ op: z.literal('unsubscribed'), id: Id, channels: z.array(z.string()) }),
  z.strictObject({
    op: z.literal('event'),
    channel: z.string(),
    cursor: Place,
    receivedAt: z.number(),
    event: z.looseObject({ Publisher: z.string(), Topic: z.string(), EventData: z.unknown().optional() }),
  }),
  z.strictObject({
    op: z.literal('gap'),
    channel: z.string(),
    from: Place,
    to: Place,
    cause: z.enum(['slow-client', 'evicted', 'upstream-lost', 'too-large']),
  }),
  z.strictObject({ op: z.literal('response'), id: Id, status: z.number(), response: z.unknown() }),
  z.strictObject({
    op: z.literal('error'),
    id: Id,
    error: z.strictObject({
      type: z.string(),
      title: z.string(),
      status: z.number(),
      detail: z.string(),
      code: z.string(),
      command: z.string().optional(),
      trackId: z.string().optional(),
      outcome: z.string().optional(),
      errors: z.array(z.strictObject({ path: z.string(), reason: z.string() })).optional(),
    }),
  }),
  z.strictObject({ op: z.literal('pong'), id: Id }),
]);
export type Message = z.output<typeof Message>;
type Op = Message['op'];
type MessageOf<O extends Op> = Extract<Message, { op: O }>;

/** What tells one event of a test from another: its `EventData.n`. */
export function numberOf({ event }: MessageOf<'event'>): unknown {
  return z.looseObject({ n: z.unknown() }).safeParse(event['EventData']).data?.n;
}

/** `k3f:41` → 41 */
export function seqOf(cursor: string): number {
  return Number(cursor.slice(cursor.indexOf(':') + 1));
}

/** `k3f:41` → `k3f` */
export function epochOf(cursor: string): string {
  return cursor.slice(0, cursor.indexOf(':'));
}

/** A whole WebSocket client. */
export class EventClient {
  /** In the order in which they came. */
  readonly messages: Message[] = [];
  /** The same, as text. */
  readonly texts: string[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      this.texts.push(text);
      this.messages.push(Message.parse(JSON.parse(text)));
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    onTestFinished(() => socket.terminate());
  }

  static async connect(gateway: Gateway, path = '/v1/ws'): Promise<EventClient> {
    const socket = new WebSocket(gateway.url.replace('http', 'ws') + path);
    const client = new EventClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** The status and body that an upgrade is refused with. */
  static async refused(gateway: Gateway, path: string): Promise<{ status: number; json: unknown }> {
    const socket = new WebSocket(gateway.url.replace('http', 'ws') + path);
    socket.on('error', () => undefined);
    onTestFinished(() => socket.terminate());
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      socket.once('unexpected-response', (_request, answer) => resolve(answer));
      socket.once('open', () => reject(new Error('the upgrade was not refused')));
    });
    const text = await textOf(response);
    return { status: response.statusCode ?? 0, json: JSON.parse(text) };
  }

  of<O extends Op>(op: O): MessageOf<O>[] {
    return this.messages.filter((each): each is MessageOf<O> => each.op === op);
  }

  eventsOf(channel: string): MessageOf<'event'>[] {
    return this.of('event').filter((each) => each.channel === channel);
  }

  /** The numbers of the events, in order. */
  numbers(channel?: string): unknown[] {
    return (channel === undefined ? this.of('event') : this.eventsOf(channel)).map(numberOf);
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The answer to a message that gets a fresh `id`. */
  async ask(message: object): Promise<Message> {
    const id = `ask-${this.#nextId++}`;
    this.send({ ...message, id });
    const answer = (): Message | undefined => this.messages.find((each) => 'id' in each && each.id === id);
    await until(() => answer() !== undefined);
    return answer()!;
  }

  async subscribe(channels: readonly string[], rest: object = {}): Promise<MessageOf<'subscribed'>> {
    const answer = await this.ask({ op: 'subscribe', channels, ...rest });
    if (answer.op !== 'subscribed') throw new Error(JSON.stringify(answer));
    return answer;
  }

  async unsubscribe(...channels: string[]): Promise<Message> {
    return this.ask({ op: 'unsubscribe', channels });
  }

  /** Everything that was sent to it before has arrived when this has. */
  async roundTrip(): Promise<void> {
    await this.ask({ op: 'ping' });
  }
}

/** A WebSocket client of bare frames: it can stop reading, and costs next to nothing. Answers pings while it reads. */
export class RawClient {
  readonly socket: net.Socket;
  readonly closed: Promise<unknown>;
  /** The code of the close frame, once it came. */
  closeCode: number | undefined;
  /** Each text message's payload: a view of the chunk, to be copied if it must last. */
  onText: (payload: Buffer) => void;
  answersPings = true;
  pings = 0;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: net.Socket, onText: (payload: Buffer) => void) {
    this.socket = socket;
    this.onText = onText;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
  }

  /** `onText` hears the first message, too, which may come with the head. */
  static async connect(
    gateway: { readonly url: string },
    path = '/v1/ws',
    onText: (payload: Buffer) => void = () => undefined,
  ): Promise<RawClient> {
    const { hostname, port } = new URL(gateway.url);
    const socket = net.connect(Number(port), hostname).setNoDelay();
    const client = new RawClient(socket, onText);
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await client.#upgraded();
    return client;
  }

  /** Collects the messages; for clients that hear little. */
  collect(): Message[] {
    const messages: Message[] = [];
    this.onText = (payload) => messages.push(Message.parse(JSON.parse(payload.toString())));
    return messages;
  }

  send(message: object): void {
    this.#frame(0x81, Buffer.from(JSON.stringify(message)));
  }

  stopReading(): void {
    this.socket.pause();
  }

  readOn(): void {
    this.socket.resume();
  }

  #upgraded(): Promise<void> {
    return new Promise((resolve, reject) => {
      let head = '';
      const onData = (chunk: Buffer): void => {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        this.socket.off('data', onData);
        if (!head.startsWith('HTTP/1.1 101 ')) return reject(new Error(head));
        this.socket.on('data', (more: Buffer) => this.#read(more));
        this.#read(Buffer.from(head.slice(end + 4), 'latin1'));
        resolve();
      };
      this.socket.on('data', onData);
    });
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 2) {
      const short = bytes[at + 1]!;
      const start = at + (short === 127 ? 10 : short === 126 ? 4 : 2);
      if (bytes.length < start) break;
      const size =
        short === 127
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short === 126
            ? bytes.readUInt16BE(at + 2)
            : short;
      if (bytes.length < start + size) break;
      this.#take(bytes[at]!, bytes.subarray(start, start + size));
      at = start + size;
    }
    this.#rest = bytes.subarray(at);
  }

  #take(head: number, payload: Buffer): void {
    if (head === 0x81) this.onText(payload);
    else if (head === 0x89) this.#onPing(payload);
    else if (head === 0x88) this.#onClose(payload);
    else throw new Error(`an unexpected frame: ${head.toString(16)}`);
  }

  #onClose(payload: Buffer): void {
    this.closeCode = payload.readUInt16BE(0);
    this.#frame(0x88, payload);
  }

  #onPing(payload: Buffer): void {
    this.pings += 1;
    if (this.answersPings) this.#frame(0x8a, payload);
  }

  /** Masked with zeros, which changes nothing. */
  #frame(head: number, payload: Buffer): void {
    if (!this.socket.writable) return;
    const size = payload.length;
    const length = size < 126 ? Buffer.of(0x80 | size) : Buffer.of(0x80 | 126, size >> 8, size & 0xff);
    this.socket.write(Buffer.concat([Buffer.of(head), length, Buffer.alloc(4), payload]));
  }
}

/** One event of a stream, as the standard's parser gives it to a page. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  /** The last that was set, by this event or an earlier one. */
  readonly lastEventId: string;
}

/** The WHATWG parser of `text/event-stream`, line by line. */
class StreamParser {
  readonly events: StreamEvent[] = [];
  readonly comments: string[] = [];
  retry: number | undefined;
  #lastEventId = '';
  #type = '';
  #data: string[] = [];

  line(line: string): void {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === '') this.comments.push(value);
    else if (field === 'event') this.#type = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#lastEventId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
    else throw new Error(`an unknown field: ${line}`);
  }

  #dispatch(): void {
    const data = this.#data.join('\n');
    if (this.#data.length > 0) {
      this.events.push({
        type: this.#type === '' ? 'message' : this.#type,
        data,
        lastEventId: this.#lastEventId,
      });
    }
    this.#type = '';
    this.#data = [];
  }
}

/** A client of server-sent events. */
export class SseClient {
  readonly response: http.IncomingMessage;
  readonly closed: Promise<unknown>;
  readonly #parser = new StreamParser();
  #text = '';

  private constructor(response: http.IncomingMessage) {
    this.response = response;
    this.closed = new Promise((resolve) => response.once('close', resolve));
    response.on('error', () => undefined);
    response.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    onTestFinished(() => void response.destroy());
  }

  /**
   * The path goes out as it is written: an URL would lose its dots on the way.
   * @throws Error when it is no stream
   */
  static async open(
    gateway: Gateway,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<SseClient> {
    const request = http.get(gateway.url, { path, headers, agent: false });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true;
    if (response.statusCode !== 200 || !isStream) throw new Error(await textOf(response));
    return new SseClient(response);
  }

  get events(): readonly StreamEvent[] {
    return this.#parser.events;
  }

  get comments(): readonly string[] {
    return this.#parser.comments;
  }

  get retry(): number | undefined {
    return this.#parser.retry;
  }

  get lastEventId(): string {
    return this.events.at(-1)?.lastEventId ?? '';
  }

  /** The data of every event, as messages. */
  get messages(): Message[] {
    return this.events.map(({ data }) => Message.parse(JSON.parse(data)));
  }

  of<O extends Op>(op: O): MessageOf<O>[] {
    return this.messages.filter((each): each is MessageOf<O> => each.op === op);
  }

  numbers(channel?: string): unknown[] {
    const events = this.of('event');
    return events.filter((each) => channel === undefined || each.channel === channel).map(numberOf);
  }

  close(): void {
    this.response.destroy();
  }

  #read(text: string): void {
    const lines = (this.#text + text).split(/\r\n|\r|\n/);
    this.#text = lines.pop() ?? '';
    for (const line of lines) this.#parser.line(line);
  }
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
