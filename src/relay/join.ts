import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { JoinTokenEntry, JoinTokenStore } from '../access/join-token-file.js';
import { RateLimit } from '../commands/rate-limit.js';
import { GatewayError } from '../errors/errors.js';
import { LINE_PROTOCOL, NAME_HEADER } from '../transports/relay/line-protocol.js';
import type { PulseTimes } from '../transports/relay/line-pulse.js';
import type { Logger } from '../util/log.js';
import { Line } from './line.js';
import type { Lines } from './lines.js';
import { responseTo, sendRelayProblem } from './relay-problems.js';
import type { ProblemOptions } from './relay-problems.js';

export interface JoinOptions {
  readonly lines: Lines;
  readonly tokens: JoinTokenStore;
  /** Wrong tokens a minute from one address. */
  readonly authRate: number;
  readonly log: Logger;
  readonly pulse?: Partial<PulseTimes> | undefined;
  readonly onRefused: (status: number) => void;
}

const WANTS_UPGRADE: ProblemOptions = {
  status: 426,
  headers: { upgrade: LINE_PROTOCOL, connection: 'Upgrade, close' },
};
const WANTS_TOKEN: ProblemOptions = { headers: { 'www-authenticate': 'Bearer realm="rcsp-relay"' } };

/** Takes gateways in: `GET /v1/relay`, upgraded. */
export class Join {
  readonly #options: JoinOptions;
  readonly #wrong: RateLimit;
  /** Tokens whose answer is on its way, by name. */
  readonly #joining = new Map<string, string>();

  constructor(options: JoinOptions) {
    this.#options = options;
    this.#wrong = new RateLimit(options.authRate, 60, 'Too many wrong join tokens from this address.');
  }

  /** Why a request that offers no upgrade is none that joins. */
  static readonly notUpgraded = {
    error: new GatewayError('Invalid request', `Gateways join here, with Upgrade: ${LINE_PROTOCOL}.`),
    options: WANTS_UPGRADE,
  };

  async take(request: IncomingMessage, socket: Socket, head: Buffer, address: string): Promise<void> {
    const onError = (): void => undefined;
    socket.on('error', onError);
    const token = await this.#admit(request, socket, address);
    if (token === undefined || socket.destroyed) return;
    // Node aborts the process when HTTP/2 takes over a socket whose last write is still on its way.
    const answer = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${LINE_PROTOCOL}\r\n\r\n`;
    this.#joining.set(token.name, token.sha256);
    socket.write(answer, () => {
      this.#joining.delete(token.name);
      if (socket.destroyed) return;
      socket.off('error', onError);
      if (head.length > 0) socket.unshift(head);
      this.#begin(token, socket, address);
    });
  }

  #begin(token: JoinTokenEntry, socket: Socket, address: string): void {
    const { lines, log, pulse } = this.#options;
    const older = lines.find(token.name);
    const line: Line = new Line({ token, socket, address, log, pulse, onEnd: () => lines.remove(line) });
    lines.add(line);
    older?.end('another line with the same token has replaced this one');
  }

  /** Undefined when it was refused, and answered. */
  async #admit(
    request: IncomingMessage,
    socket: Socket,
    address: string,
  ): Promise<JoinTokenEntry | undefined> {
    let options: ProblemOptions = {};
    try {
      if (request.method !== 'GET' || request.headers.upgrade?.toLowerCase() !== LINE_PROTOCOL) {
        options = WANTS_UPGRADE;
        throw Join.notUpgraded.error;
      }
      const token = this.#tokenOf(request);
      if (token === undefined) {
        if (request.headers.authorization !== undefined) await this.#wrong.take(address);
        options = WANTS_TOKEN;
        throw refusal(
          'Unauthorized',
          'Joining needs a join token: Authorization: Bearer <token>, known and valid.',
        );
      }
      this.#assertName(request, token);
      return token;
    } catch (error) {
      if (socket.destroyed) return undefined;
      const status = sendRelayProblem(error, responseTo(request, socket), options);
      this.#options.onRefused(status);
      this.#options.log.warn(
        { from: address, status, cause: (error as Error).message },
        'a gateway may not join',
      );
      return undefined;
    }
  }

  #tokenOf({ headers: { authorization = '' } }: IncomingMessage): JoinTokenEntry | undefined {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
    return token === undefined ? undefined : this.#options.tokens.find(token, Date.now());
  }

  #assertName({ headers }: IncomingMessage, token: JoinTokenEntry): void {
    const name = headers[NAME_HEADER];
    if (typeof name !== 'string')
      throw refusal('Invalid request', `The header ${NAME_HEADER} must tell the name.`);
    if (name !== token.name)
      throw refusal(
        'Forbidden',
        `The join token is bound to another name than ${JSON.stringify(name.slice(0, 40))}.`,
      );
    const holder = this.#joining.get(name) ?? this.#options.lines.find(name)?.token.sha256;
    if (holder !== undefined && holder !== token.sha256)
      throw refusal('Busy', `A gateway with another join token has the name "${name}".`);
  }
}

function refusal(
  code: 'Unauthorized' | 'Forbidden' | 'Invalid request' | 'Busy',
  detail: string,
): GatewayError {
  return new GatewayError(code, detail, { outcome: 'not-sent' });
}
