/** Answers commands that come over NATS. It is the origin that checks scope, lease and rates, and writes the audit. */
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { includes, SCOPES } from '../../access/scope.js';
import type { Caller } from '../../access/scope.js';
import type { Scope } from '../../catalog/define.js';
import type { CommandListener, Dispatcher } from '../../commands/dispatcher.js';
import { GatewayError } from '../../errors/errors.js';
import type { Logger } from '../../util/log.js';
import { createTrackIds } from '../../util/track-id.js';
import {
  EDGE_HEADER,
  parseRequest,
  SCOPE_HEADER,
  SUBJECT_HEADER,
  writeProblem,
  writeReply,
} from './command-exchange.js';
import type { CommandRequest } from './command-exchange.js';
import { answerLease, LEASE_COMMAND } from './lease-exchange.js';
import type { LeaseOfOrigin } from './lease-exchange.js';
import { channelToListen, LISTEN_COMMAND } from './listen-exchange.js';
import { RepeatedRequests } from './repeated-requests.js';
import { mayAnswer } from './reply-subject.js';
import { commandOf, commandSubjects } from './subjects.js';
import type { ChannelPattern } from '../../wire/channel-pattern.js';

export interface CommandResponderOptions {
  readonly studio: string;
  readonly dispatcher: Dispatcher;
  /** Undefined where the studio has none. */
  readonly lease: LeaseOfOrigin | undefined;
  /** Publishes a channel that the studio does not list. */
  readonly listen: (channel: ChannelPattern) => Promise<void>;
  /** Whether the studio's name is known to be this origin's: another one would run what it runs. */
  readonly isOwner: () => boolean;
  /** No command from NATS may do more. */
  readonly maxScope: Scope;
  readonly log: Logger;
}

const NOT_OWNER = 'The origin was cut off from NATS; it has to find out first whether there is another one.';
const NOT_SENT = { outcome: 'not-sent' } as const;
/** Characters of a name that is only told. */
const MAX_NAME = 100;

export class CommandResponder {
  readonly #options: CommandResponderOptions;
  readonly #nextTrackId = createTrackIds();
  readonly #repeated = new RepeatedRequests();
  #subscription: Subscription | undefined;
  #connection: NatsConnection | undefined;

  constructor(options: CommandResponderOptions) {
    this.#options = options;
  }

  /**
   * Not as one of a queue: the server may hold a connection that is long dead for a member of it, and pass commands to
   * that. Of two origins, one is the owner.
   */
  listen(connection: NatsConnection): void {
    this.stop();
    this.#connection = connection;
    this.#subscription = connection.subscribe(commandSubjects(this.#options.studio), {
      callback: (error, message) => {
        if (error === null) this.#onRequest(message);
        else this.#options.log.error({ cause: error.message }, 'commands from NATS are not heard');
      },
    });
  }

  /** Requests that come later find nobody, which tells their senders that they were not sent. */
  stop(): void {
    if (this.#connection?.isClosed() === false) this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  #onRequest(message: Msg): void {
    // Who waits for no answer could not be told that it was refused.
    if (!mayAnswer(message)) return;
    const name = commandOf(message.subject);
    let trackId = this.#nextTrackId();
    try {
      if (name === undefined) throw new GatewayError('Invalid request', 'The subject names no command.');
      if (!this.#options.isOwner()) throw new GatewayError('Studio unreachable', NOT_OWNER, NOT_SENT);
      const request = parseRequest(message.string());
      trackId = request.trackId ?? trackId;
      const caller = this.#callerOf(message);
      if (name === LISTEN_COMMAND) this.#listenTo(message, request, trackId);
      else if (name === LEASE_COMMAND) this.#answerLease(message, caller, request, trackId);
      else this.#dispatch(message, caller, name, request, trackId);
    } catch (error) {
      this.#respond(message, writeProblem(error, name, trackId));
    }
  }

  #dispatch(message: Msg, caller: Caller, name: string, request: CommandRequest, trackId: string): void {
    let isAnswered = false;
    const first = this.#begin(message, caller, request);
    if (first === undefined) return;
    const answer = (bytes: Buffer): void => {
      if (!isAnswered) first(bytes);
      isAnswered = true;
    };
    const listener: CommandListener = {
      isFollowed: request.isFollowed,
      onJob: (job) => {
        if (request.isFollowed) answer(writeReply(Buffer.from(JSON.stringify(job)), 202));
      },
      onEnd: (error, ended) =>
        answer(ended === undefined ? writeProblem(error, name, trackId) : writeReply(ended.bytes)),
    };
    const { arguments: args, written, version, timeoutMs } = request;
    const named = { name, arguments: args, written, version, timeoutMs, trackId };
    this.#options.dispatcher.dispatchNamed(caller, named, 'arguments', listener);
  }

  /** How to answer; undefined for a request that came before. Only its own number tells one request from another. */
  #begin(message: Msg, caller: Caller, { trackId }: CommandRequest): ((bytes: Buffer) => void) | undefined {
    const respond = (bytes: Buffer): void => this.#respond(message, bytes);
    if (trackId === undefined) return respond;
    const { key, scope } = caller.principal;
    const request = JSON.stringify([key, scope, message.subject, message.string()]);
    return this.#repeated.begin({ reply: message.reply ?? '', request }, respond);
  }

  #listenTo(message: Msg, request: CommandRequest, trackId: string): void {
    this.#options.listen(channelToListen(request.arguments)).then(
      () => this.#respond(message, writeReply(undefined)),
      (error: unknown) => this.#respond(message, writeProblem(error, LISTEN_COMMAND, trackId)),
    );
  }

  #answerLease(message: Msg, caller: Caller, request: CommandRequest, trackId: string): void {
    const told = answerLease(this.#options.lease, caller, request.arguments);
    const bytes = told === undefined ? undefined : Buffer.from(JSON.stringify(told));
    this.#options.log.debug({ trackId, lease: told }, 'the control lease was asked for over NATS');
    this.#respond(message, writeReply(bytes));
  }

  /** A scope that is not said is the largest that is allowed: whoever may publish here was given that. @throws GatewayError */
  #callerOf(message: Msg): Caller {
    const header = (name: string): string => (message.headers?.get(name) ?? '').slice(0, MAX_NAME);
    const said = header(SCOPE_HEADER);
    const { maxScope } = this.#options;
    const asked = said === '' ? maxScope : SCOPES.find((scope) => scope === said);
    if (asked === undefined)
      throw new GatewayError('Invalid request', `${SCOPE_HEADER} must be one of ${SCOPES.join(', ')}.`, {
        ...NOT_SENT,
      });
    const edge = header(EDGE_HEADER) || 'nats';
    const name = header(SUBJECT_HEADER) || 'anybody';
    const scope = includes(maxScope, asked) ? asked : maxScope;
    return { principal: { name, scope, key: `nats ${edge} ${name}`, edge }, address: edge, via: 'nats' };
  }

  #respond(message: Msg, bytes: Buffer): void {
    const limit = this.#connection?.info?.max_payload ?? bytes.length;
    const fits = bytes.length <= limit;
    const detail = `The answer of ${bytes.length} bytes is larger than NATS passes on.`;
    const told = fits
      ? bytes
      : writeProblem(new GatewayError('Protocol error', detail, { outcome: 'no-answer' }), undefined, '');
    try {
      message.respond(told);
    } catch (error) {
      this.#options.log.debug({ cause: String(error) }, 'an answer over NATS could not be sent');
    }
  }
}
