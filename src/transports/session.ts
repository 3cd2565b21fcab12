import { setImmediate as turn } from 'node:timers/promises';
import type { Answer, CommandEnd } from '../catalog/execute.js';
import type { NamedCommand } from '../catalog/invocation.js';
import { explain } from '../catalog/route-schema.js';
import { jsonRejection } from '../util/client-json.js';
import { holdsOddNumber, oddMembers, writtenMembers } from '../util/written-json.js';
import type { WrittenMembers } from '../util/written-json.js';
import { GatewayError } from '../errors/errors.js';
import { problemOf } from '../errors/problem-of.js';
import type { Hub } from '../events/hub.js';
import type { Resume } from '../events/interest-table.js';
import { assertWithinLimit, clientMessage, isPlainCommand, patternsOf } from '../events/protocol.js';
import type { ClientMessage } from '../events/protocol.js';
import type { Subscriber } from '../events/subscriber.js';
import { parseCursor } from '../wire/cursor.js';
import type { MessageId } from '../wire/messages.js';
import type { Mode } from '../wire/mode.js';

export interface SessionCommand extends NamedCommand {
  /** Undefined for that of the connection. */
  readonly studio: string | undefined;
  /** Milliseconds. */
  readonly timeoutMs: number | undefined;
  readonly trackId: string;
}

export interface SessionOptions {
  readonly hub: Hub;
  readonly dispatch: (command: SessionCommand, onEnd: CommandEnd) => void;
  /** @throws GatewayError `Forbidden` when the client may not listen to one of them */
  readonly assertChannelScopes: (channels: readonly string[]) => void;
  readonly nextTrackId: () => string;
  readonly maxSubscriptions: number;
  /** Commands that one client may have in flight. */
  readonly maxCommands: number;
  /** A message that names a command was refused before it was dispatched. */
  readonly onRefused: (
    command: Pick<SessionCommand, 'name' | 'trackId'>,
    deviceId: unknown,
    error: unknown,
  ) => void;
  /** A failure that is no answer to the client: a defect. */
  readonly onDefect: (error: unknown, trackId: string) => void;
}

type Closing = [code: number, reason: string];
type Message<Op extends ClientMessage['op']> = Extract<ClientMessage, { op: Op }>;

/** What one client asks for. Every message gets an answer; none can end the session. */
export class Session {
  readonly #subscriber: Subscriber;
  readonly #options: SessionOptions;
  #commands = 0;
  #closing: Closing | undefined;
  /** Subscribing may take a while; what is asked after it comes after it. */
  #subscribing: Promise<void> = Promise.resolve();
  /** Those that it holds up. */
  #waiting = 0;

  constructor(subscriber: Subscriber, options: SessionOptions) {
    this.#subscriber = subscriber;
    this.#options = options;
  }

  /** The promise, where there is one, resolves when the message has been answered; commands have none. */
  receive(text: string): Promise<void> | undefined {
    // Ignore messages received after close.
    if (this.#subscriber.ended) return undefined;
    let id: MessageId = null;
    const trackId = this.#options.nextTrackId();
    let command: string | undefined;
    try {
      const json = parseJson(text);
      id = idOf(json);
      command = commandOf(json);
      const members = holdsOddNumber(text) ? writtenMembers(text) : undefined;
      const message = this.#parse(json, members?.get('id'), command, trackId);
      return this.#handle(message, id, trackId, oddMembers(members?.get('arguments')));
    } catch (error) {
      this.#fail(error, id, command, trackId);
      return undefined;
    }
  }

  /** Answers a message that the transport does not take. */
  refuse(text: string, error: GatewayError): void {
    if (this.#subscriber.ended) return;
    const trackId = this.#options.nextTrackId();
    const json = jsonOf(text);
    const command = commandOf(json);
    if (command !== undefined) this.#options.onRefused({ name: command, trackId }, undefined, error);
    this.#fail(error, idOf(json), command, trackId);
  }

  #fail(error: unknown, id: MessageId, command: string | undefined, trackId: string): void {
    const problem = problemOf(error, command, trackId);
    if (problem.code === 'Internal error') this.#options.onDefect(error, trackId);
    this.#subscriber.tell({ op: 'error', id, error: problem });
  }

  #parse(
    json: unknown,
    writtenId: string | undefined,
    command: string | undefined,
    trackId: string,
  ): ClientMessage {
    try {
      assertKeepsId(writtenId, command);
      return parseMessage(json, command === undefined ? {} : { outcome: 'not-sent' });
    } catch (error) {
      if (command !== undefined) this.#options.onRefused({ name: command, trackId }, undefined, error);
      throw error;
    }
  }

  /** Closes the client when its commands have been answered. */
  closeAfterReplies(code: number, reason: string): void {
    this.#closing = [code, reason];
    this.#closeWhenAnswered();
  }

  #closeWhenAnswered(): void {
    if (this.#closing === undefined || this.#commands > 0) return;
    // The answer of the last command may be told later in this turn.
    setImmediate((...[code, reason]: Closing) => this.#subscriber.close(code, reason), ...this.#closing);
  }

  #handle(
    message: ClientMessage,
    id: MessageId,
    trackId: string,
    written: WrittenMembers | undefined,
  ): Promise<void> | undefined {
    const fail = (error: unknown): void => this.#fail(error, id, undefined, trackId);
    switch (message.op) {
      case 'subscribe':
        return this.#inOrder(() => this.#subscribe(message, id), fail);
      case 'unsubscribe':
        return this.#inOrder(() => this.#unsubscribe(message, id), fail);
      case 'command':
        this.#command(message, id, trackId, written);
        return undefined;
      case 'ping':
        this.#subscriber.tell({ op: 'pong', id });
        return undefined;
    }
  }

  #inOrder(step: () => Promise<void> | void, fail: (error: unknown) => void): Promise<void> {
    if (this.#waiting >= this.#options.maxSubscriptions) {
      throw new GatewayError('Too many requests', `${this.#waiting} messages of this client wait already.`);
    }
    this.#waiting += 1;
    // One a turn, so that one client's messages do not hold up the others.
    this.#subscribing = this.#subscribing
      .then(() => turn())
      .then(step)
      .catch(fail)
      .finally(() => {
        this.#waiting -= 1;
      });
    return this.#subscribing;
  }

  /** Subscribes the client to channels, in one place for all transports. */
  subscribe(
    channels: readonly string[],
    mode: Mode,
    resume: Resume | undefined,
    onSubscribed: Parameters<Hub['subscribe']>[4],
  ): Promise<void> {
    const { hub, maxSubscriptions, assertChannelScopes } = this.#options;
    assertChannelScopes(channels);
    const patterns = patternsOf(channels);
    assertWithinLimit(hub.countWith(this.#subscriber, patterns), maxSubscriptions);
    return hub.subscribe(this.#subscriber, patterns, mode, resume, onSubscribed);
  }

  #subscribe({ channels, mode = 'all', since = {} }: Message<'subscribe'>, id: MessageId): Promise<void> {
    const resume: Resume = (_, name) => {
      const text = Object.hasOwn(since, name) ? since[name] : undefined;
      return text === undefined ? undefined : parseCursor(text);
    };
    return this.subscribe(channels, mode, resume, (subscriptions) =>
      this.#subscriber.tell({ op: 'subscribed', id, channels: subscriptions }),
    );
  }

  #unsubscribe({ channels }: Message<'unsubscribe'>, id: MessageId): void {
    this.#options.hub.unsubscribe(this.#subscriber, channels);
    this.#subscriber.tell({ op: 'unsubscribed', id, channels });
  }

  #command(
    message: Message<'command'>,
    id: MessageId,
    trackId: string,
    written: WrittenMembers | undefined,
  ): void {
    const { command: name, version, timeoutMs, studio } = message;
    const args = message.arguments ?? {};
    this.#assertFree({ name, trackId }, args['DeviceId']);
    this.#commands += 1;
    const sent = { name, arguments: args, written, version, timeoutMs, trackId, studio };
    const onEnd: CommandEnd = (error, answer) => {
      if (answer === undefined) this.#fail(error, id, name, trackId);
      else this.#answer(id, answer);
      this.#commands -= 1;
      this.#closeWhenAnswered();
    };
    try {
      this.#options.dispatch(sent, onEnd);
    } catch (error) {
      this.#options.onRefused({ name, trackId }, args['DeviceId'], error);
      onEnd(error, undefined);
    }
  }

  /** @throws GatewayError `Too many requests` */
  #assertFree(command: Pick<SessionCommand, 'name' | 'trackId'>, deviceId: unknown): void {
    const { maxCommands, onRefused } = this.#options;
    if (this.#commands < maxCommands) return;
    const detail = `A client may have ${maxCommands} commands in flight.`;
    const error = new GatewayError('Too many requests', detail, { outcome: 'not-sent' });
    onRefused(command, deviceId, error);
    throw error;
  }

  /** The studio's own bytes, in an envelope. */
  #answer(id: MessageId, { bytes }: Answer): void {
    const status = bytes === undefined ? 204 : 200;
    const head = `{"op":"response","id":${JSON.stringify(id)},"status":${status},"response":`;
    this.#subscriber.answer(head, bytes ?? NULL, this.#commands > 1);
  }
}

const NULL = Buffer.from('null');

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError('Invalid request', 'The message is not JSON.');
  }
}

/** Undefined for what is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseMessage(json: unknown, rest: { readonly outcome?: 'not-sent' }): ClientMessage {
  const unfit = jsonRejection(json);
  if (unfit !== undefined) throw new GatewayError('Invalid request', `The message ${unfit}.`, rest);
  if (isPlainCommand(json)) return json;
  const parsed = clientMessage.safeParse(json);
  if (parsed.success) return parsed.data;
  const { errors, detail } = explain(parsed.error, 'message');
  throw new GatewayError('Invalid request', detail, { errors, ...rest });
}

/** A whole number beyond 2^53 may come back as another one; one beyond all bounds fits no schema. @throws GatewayError `Invalid request` */
function assertKeepsId(written: string | undefined, command: string | undefined): void {
  if (written === undefined || !/^-?\d+$/.test(written)) return;
  const value = Number(written);
  if (!Number.isFinite(value) || BigInt(value) === BigInt(written)) return;
  throw new GatewayError(
    'Invalid request',
    `The id ${written.slice(0, 40)} would not come back exactly; send it as text.`,
    command === undefined ? {} : { outcome: 'not-sent' },
  );
}

function commandOf(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || !('op' in json) || json.op !== 'command') return undefined;
  return 'command' in json && typeof json.command === 'string' ? json.command.slice(0, 200) : undefined;
}

/** The `id` of a message, also of one that is otherwise invalid. */
function idOf(json: unknown): MessageId {
  if (typeof json !== 'object' || json === null || !('id' in json)) return null;
  return typeof json.id === 'string' || typeof json.id === 'number' ? json.id : null;
}
