import type { z } from 'zod';
import type { ArgumentsOf, CommandName, PUBLISHERS, ResponseOf } from '../catalog/index.js';
import type { Gap } from '../wire/gap.js';
import type { ChannelEventBody } from '../wire/messages.js';
import type { Mode } from '../wire/mode.js';
import type { RcspError } from './error.js';
import type { SocketConstructor } from './socket.js';

export interface RcspClientOptions {
  /** Where the gateway is, with its path behind a reverse proxy; the page's own origin when it is not said. */
  readonly url?: string | URL;
  /** One of the studios behind the gateway, by its name; the default one when left out. */
  readonly studio?: string;
  /** For gateways that need one. It is sent in a header, for a ticket; never in a URL. */
  readonly token?: string | undefined;
  /** For a Node without a global one (before 22): that of the package `ws`. */
  readonly WebSocket?: SocketConstructor;
  /** The pause before the first attempt to come back, in milliseconds (500); each next one is twice as long. */
  readonly minBackoffMs?: number;
  /** The longest such pause, in milliseconds (15,000). Every pause is shortened by chance, down to a half. */
  readonly maxBackoffMs?: number;
  /** How often the connection is asked for a sign of life, in milliseconds (15,000). */
  readonly pingIntervalMs?: number;
  /** How long it may take to open, and to give that sign, in milliseconds (10,000). A WebSocket has 4,000 at most to open. */
  readonly pongTimeoutMs?: number;
  /** How long HTTP is used before a blocked WebSocket is tried again, in milliseconds (60,000). */
  readonly webSocketRetryMs?: number;
}

/**
 * - `connecting`: on its way.
 * - `open`: commands and events travel.
 * - `waiting`: it was lost or not to be had; the next attempt follows by itself.
 * - `refused`: the gateway does not let us in; nothing happens until `connect()` or a new `token`.
 * - `closed`: for good.
 */
export type ClientState = 'connecting' | 'open' | 'waiting' | 'refused' | 'closed';

/**
 * - `websocket`: everything over one WebSocket.
 * - `http`: where none opens though the gateway answers, commands as requests, and server-sent events.
 */
export type ClientTransport = 'websocket' | 'http';

export interface StateEvent {
  readonly state: ClientState;
  /** Of `open`. */
  readonly transport?: ClientTransport;
  /** Why, of `waiting` and `refused`; of `open` over `http`, why no WebSocket opened. */
  readonly cause?: RcspError;
  /** Milliseconds until the next attempt, of `waiting`. */
  readonly retryInMs?: number;
}

/** Events of a channel that do not reach this client; both ends are missing. */
export interface GapEvent extends Gap {
  readonly channel: string;
}

/** The gateway does not give us a channel, now or any more. */
export interface ErrorEvent {
  /** As it was subscribed; undefined when the gateway did not say. */
  readonly channel: string | undefined;
  readonly error: RcspError;
}

/** What `on` tells of. */
export interface ClientEvents {
  readonly state: StateEvent;
  readonly gap: GapEvent;
  readonly error: ErrorEvent;
}

/** An event of the studio, and its place in its channel. */
export type StudioEvent<Data = unknown> = ChannelEventBody<Data>;

export type { Mode };

export interface SubscribeOptions {
  /** The least that is wanted (`all`): who else subscribes to the same may make it more. */
  readonly mode?: Mode;
}

export interface EventsOptions extends SubscribeOptions {
  /** Events that may wait to be taken (1,000); beyond, the oldest are dropped, and told as a `gap`. */
  readonly buffer?: number;
}

/** Ends a subscription; more than once does nothing. */
export interface Unsubscribe {
  (): void;
  /** Resolves once the gateway has taken the subscription; rejects with its RcspError when it does not. */
  readonly ready: Promise<void>;
}

export interface CallOptions {
  /**
   * Milliseconds that it may take, the wait for a connection included. Without it, a connection is waited for
   * 10,000, and then the gateway's time for that command counts.
   */
  readonly timeoutMs?: number;
  /** Gives up; a command that has been sent may run all the same. */
  readonly signal?: AbortSignal | undefined;
}

type Known<Name> = Name extends CommandName ? Name : never;
type UnknownRecord = Readonly<Record<string, unknown>>;

/** Any command's name, with those of the catalog offered. */
export type AnyCommand = CommandName | (string & NonNullable<unknown>);

/** Arguments of a command; of one that the catalog does not know, any. */
export type CallArguments<Name extends string> = [Known<Name>] extends [never]
  ? UnknownRecord
  : ArgumentsOf<Known<Name>>;

/** The answer to a command, null where it is a plain OK; of one that the catalog does not know, any. */
export type CallResponse<Name extends string> = [Known<Name>] extends [never]
  ? Record<string, unknown> | null
  : ResponseOf<Known<Name>>;

/** What follows the name: arguments may be left out where none is needed. */
export type CallParameters<Name extends string> =
  Partial<CallArguments<Name>> extends CallArguments<Name>
    ? [args?: CallArguments<Name> | null, options?: CallOptions]
    : [args: CallArguments<Name>, options?: CallOptions];

type Publisher = (typeof PUBLISHERS)[number];
type Target<Pattern> = Pattern extends `devices/${string}/${string}/${string}` ? 'device' : 'server';
type NameIn<Pattern> = Pattern extends `devices/${string}/${infer Name}/${string}`
  ? Name
  : Pattern extends `${infer Name}/${string}`
    ? Name
    : never;
type PublisherOf<Pattern> = Extract<Publisher, { name: NameIn<Pattern>; target: Target<Pattern> }>;

/** `EventData` on a channel or pattern, where it names a publisher of the catalog. Not checked. */
export type EventDataOf<Pattern extends string> = [PublisherOf<Pattern>] extends [never]
  ? unknown
  : z.output<PublisherOf<Pattern>['eventData']>;
