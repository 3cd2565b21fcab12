/** Sends commands to a studio's origin. None is ever sent twice. */
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import type { Asker, CommandEnd, CommandSender, WireCommand } from '../../catalog/execute.js';
import { GatewayError } from '../../errors/errors.js';
import { whileBusy } from '../../util/while-busy.js';
import { EDGE_HEADER, parseReply, SCOPE_HEADER, SUBJECT_HEADER, writeRequest } from './command-exchange.js';
import type { CommandReply } from './command-exchange.js';
import type { NatsLink } from './nats-link.js';
import { isUnheard } from './origin-owner.js';
import { commandSubject } from './subjects.js';

export interface EdgeCommandsOptions {
  readonly studio: string;
  readonly link: NatsLink;
  /** Whether the way to the origin is known to be broken. */
  readonly isStale: () => boolean;
  /** Whether the origin did not answer when it was asked last, although it is subscribed. */
  readonly isOriginSilent: () => boolean;
  /** Commands without an answer at most. */
  readonly maxWaiting: number;
}

/** A command for the origin. */
export interface ExchangedCommand {
  readonly name: string;
  readonly argumentsJson: string;
  readonly version?: number | undefined;
  readonly timeoutMs: number;
  readonly trackId: string;
  readonly asker: Asker;
}

/** Milliseconds beyond the timeout in which the origin may still tell how the command ended. */
const MARGIN_MS = 300;
/** Who asks where nobody said: the gateway itself. */
const GATEWAY: Asker = { subject: 'gateway', scope: 'read' };

type Fail = (error: Error) => void;

export class EdgeCommands implements CommandSender {
  readonly #options: EdgeCommandsOptions;
  /** Sent and not answered. */
  readonly #sent = new Set<Fail>();
  #isClosed = false;

  constructor(options: EdgeCommandsOptions) {
    this.#options = options;
    options.link.follow({ onUp: () => undefined, onDown: () => this.#onDown() });
  }

  get load(): number {
    return this.#sent.size;
  }

  run(request: WireCommand, onEnd: CommandEnd): void {
    const { command, argumentsJson, timeoutMs, asker = GATEWAY } = request;
    const sent: ExchangedCommand = {
      name: command.Command,
      argumentsJson: argumentsJson ?? JSON.stringify(command.Arguments ?? {}),
      version: command.Version,
      timeoutMs,
      trackId: command.TrackId,
      asker,
    };
    this.exchange(sent).then(
      ({ response, bytes }) => onEnd(undefined, { response, bytes }),
      (error: unknown) => onEnd(error, undefined),
    );
  }

  /** @throws the error of the origin; GatewayError `Studio unreachable`, `Connection lost`, `Timeout`, `Too busy` */
  async exchange(command: ExchangedCommand): Promise<CommandReply> {
    const { link, studio, maxWaiting } = this.#options;
    const { connection } = link;
    if (connection === undefined || this.#options.isStale() || this.#isClosed)
      throw notSent('Studio unreachable', `The line to the origin of ${studio} is broken.`);
    if (this.#options.isOriginSilent())
      throw notSent('Studio unreachable', `The origin of ${studio} does not answer.`);
    if (this.#sent.size >= maxWaiting)
      throw notSent('Too busy', `${this.#sent.size} commands are waiting for the origin.`);
    return parseReply(await this.#request(connection, command));
  }

  /** Resolves when all have ended; what is left after the grace time gets no answer. */
  async drain(graceMs: number): Promise<void> {
    this.#isClosed = true;
    await whileBusy(() => this.#sent.size > 0, graceMs);
    this.#onDown();
  }

  #request(connection: NatsConnection, command: ExchangedCommand): Promise<Uint8Array> {
    const { name, argumentsJson, version, timeoutMs, trackId, asker } = command;
    const follow = asker.isFollowing === true ? true : undefined;
    const body = writeRequest(argumentsJson, { timeoutMs, trackId, version, follow });
    const subject = commandSubject(this.#options.studio, name);
    return new Promise((resolve, reject) => {
      this.#sent.add(reject);
      connection
        .request(subject, body, { timeout: timeoutMs + MARGIN_MS, headers: this.#headers(asker) })
        .then(
          (message) => resolve(message.data),
          (error: unknown) => reject(this.#errorOf(error, command)),
        )
        .finally(() => this.#sent.delete(reject));
    });
  }

  #headers({ subject, scope }: Asker): MsgHdrs {
    const { core } = this.#options.link.modules;
    const headers = core.headers();
    headers.set(SUBJECT_HEADER, subject.replace(/[\r\n]+/g, ' '));
    headers.set(SCOPE_HEADER, scope);
    headers.set(EDGE_HEADER, this.#options.link.name);
    return headers;
  }

  #errorOf(error: unknown, { name, timeoutMs }: ExchangedCommand): GatewayError {
    const { errors } = this.#options.link.modules.core;
    const { studio } = this.#options;
    if (isUnheard(error)) return notSent('Studio unreachable', `${studio} has no origin at NATS now.`);
    if (error instanceof errors.TimeoutError || causeOf(error) instanceof errors.TimeoutError)
      return noAnswer('Timeout', `${name}: the origin did not answer within ${timeoutMs} ms`);
    if (
      error instanceof errors.PermissionViolationError ||
      causeOf(error) instanceof errors.PermissionViolationError
    )
      return notSent('Studio unreachable', `NATS does not let this edge send ${name} to ${studio}.`);
    if (error instanceof errors.InvalidArgumentError)
      return notSent('Payload too large', `NATS does not take the command: ${error.message}`);
    return noAnswer('Connection lost', `${name}: ${String(error)}`);
  }

  /** What was sent may have arrived. */
  #onDown(): void {
    for (const fail of [...this.#sent])
      fail(noAnswer('Connection lost', 'The line to the origin broke before the answer.'));
    this.#sent.clear();
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function notSent(
  code: 'Studio unreachable' | 'Too busy' | 'Payload too large',
  detail: string,
): GatewayError {
  return new GatewayError(code, detail, { outcome: 'not-sent' });
}

function noAnswer(code: 'Timeout' | 'Connection lost', detail: string): GatewayError {
  return new GatewayError(code, detail, { outcome: 'no-answer' });
}
