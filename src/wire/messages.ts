/** The messages of `/v1/ws`, one JSON text each; server-sent events carry the same objects as `data`. */
import type { Gap } from './gap.js';
import type { Mode } from './mode.js';
import type { Problem } from './problem.js';

/** Chosen by the client; the answer carries it. */
export type MessageId = string | number | null;

interface Request {
  readonly id?: MessageId | undefined;
}

export interface SubscribeMessage extends Request {
  readonly op: 'subscribe';
  readonly channels: readonly string[];
  readonly mode?: Mode | undefined;
  /** Cursors to resume from, by channel. */
  readonly since?: Readonly<Record<string, string>> | undefined;
}

export interface UnsubscribeMessage extends Request {
  readonly op: 'unsubscribe';
  readonly channels: readonly string[];
}

export interface CommandMessage extends Request {
  readonly op: 'command';
  readonly command: string;
  readonly arguments?: Readonly<Record<string, unknown>> | null | undefined;
  readonly version?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** The studio, by its name; without it, that of the socket's path or the default one. */
  readonly studio?: string | undefined;
}

export interface PingMessage extends Request {
  readonly op: 'ping';
}

export type ClientMessage = SubscribeMessage | UnsubscribeMessage | CommandMessage | PingMessage;

/** A pattern as it was subscribed, and the cursor of each channel that it stands for now. */
export interface Subscription {
  readonly channel: string;
  readonly cursors: Readonly<Record<string, string>>;
  /** What it may have meant, when no publisher offers such a channel now. */
  readonly suggestion?: string;
}

interface Reply {
  readonly id: MessageId;
}

export interface SubscribedMessage extends Reply {
  readonly op: 'subscribed';
  readonly channels: readonly Subscription[];
}

export interface UnsubscribedMessage extends Reply {
  readonly op: 'unsubscribed';
  readonly channels: readonly string[];
}

/** An event in its channel. `Data` is the type of `EventData`, which nothing checks. */
export interface ChannelEventBody<Data = unknown> {
  /** The channel, by its full name. */
  readonly channel: string;
  /** Its place there, `<epoch>:<seq>`. */
  readonly cursor: string;
  /** When the gateway received it, in milliseconds since 1970. */
  readonly receivedAt: number;
  /** As the studio sent it. */
  readonly event: { readonly Publisher: string; readonly Topic: string; readonly EventData: Data };
}

export interface EventMessage extends ChannelEventBody {
  readonly op: 'event';
}

export interface GapMessage extends Gap {
  readonly op: 'gap';
  readonly channel: string;
}

export interface ResponseMessage extends Reply {
  readonly op: 'response';
  /** As over HTTP: 200 with a `Response`, 204 without. */
  readonly status: 200 | 204;
  readonly response?: unknown;
}

/** `id` is null when the client's message had none that could be read, and for errors that answer no message. */
export interface ErrorMessage extends Reply {
  readonly op: 'error';
  readonly error: Problem;
}

export interface PongMessage extends Reply {
  readonly op: 'pong';
}

export type GatewayMessage =
  | SubscribedMessage
  | UnsubscribedMessage
  | EventMessage
  | GapMessage
  | ResponseMessage
  | ErrorMessage
  | PongMessage;
