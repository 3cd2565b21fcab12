import { connect, constants } from 'node:http2';
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import type { JoinTokenEntry } from '../access/join-token-file.js';
import { GatewayError } from '../errors/errors.js';
import { CLIENT_OPTIONS, MAX_STREAMS, openConnectionWindow } from '../transports/relay/line-protocol.js';
import { LinePulse } from '../transports/relay/line-pulse.js';
import type { PulseTimes } from '../transports/relay/line-pulse.js';
import { LineStream } from '../transports/relay/line-stream.js';
import type { Logger } from '../util/log.js';

export interface LineOptions {
  readonly token: JoinTokenEntry;
  readonly socket: Socket;
  readonly address: string;
  readonly log: Logger;
  readonly pulse?: Partial<PulseTimes> | undefined;
  readonly onEnd: () => void;
}

/** The gateway did not take the stream: nothing was sent to its server. */
export class StreamRefusedError extends Error {}

/** One gateway's line: streams are opened on it for as long as it stands. */
export class Line {
  readonly name: string;
  readonly token: JoinTokenEntry;
  readonly since = Date.now();
  readonly #session: ClientHttp2Session;
  readonly #socket: Socket;
  readonly #log: Logger;
  readonly #open = new Set<LineStream>();
  #streams = 0;
  #closedBytes = { received: 0, sent: 0 };
  /** Milliseconds; undefined before the first answer. */
  rttMs: number | undefined;

  constructor({ token, socket, address, log, pulse, onEnd }: LineOptions) {
    this.name = token.name;
    this.token = token;
    this.#socket = socket;
    this.#log = log;
    socket.setNoDelay(true);
    this.#session = connect('http://line', { ...CLIENT_OPTIONS, createConnection: () => socket });
    const session = this.#session;
    session.once('connect', () => openConnectionWindow(session));
    session.on('error', (error: Error) => log.debug({ line: this.name, cause: error.message }, 'line'));
    // The socket came from an HTTP server and may be half open: then the session would live on for ever.
    socket.once('end', () => socket.destroy());
    const watch = new LinePulse(session, {
      ...pulse,
      socket,
      onRtt: (ms) => (this.rttMs = ms),
      onDead: () => this.#destroy('it is silent or gone'),
    });
    log.info({ line: this.name, from: address }, 'a gateway joined');
    session.once('close', () => {
      watch.end();
      socket.destroy();
      log.info({ line: this.name }, 'the line of a gateway ended');
      onEnd();
    });
  }

  /** Whether streams can be opened. */
  get isOpen(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** Streams that are open. */
  get streamCount(): number {
    return this.#streams;
  }

  /** Of browsers' connections, so far: from the gateway, and to it. */
  get bytes(): { readonly received: number; readonly sent: number } {
    let { received, sent } = this.#closedBytes;
    for (const each of this.#open) {
      received += each.bytesRead;
      sent += each.bytesWritten;
    }
    return { received, sent };
  }

  /**
   * A connection to the gateway's server. What is written is sent without waiting for the gateway to take the stream.
   *
   * @param onClose called once when the stream is over
   * @throws GatewayError `Studio unreachable`, `Too busy`
   */
  connect(onClose: () => void): LineStream {
    if (!this.isOpen) throw noLine(this.name);
    const limit = Math.min(MAX_STREAMS, this.#session.remoteSettings.maxConcurrentStreams ?? MAX_STREAMS);
    if (this.#streams >= limit)
      throw new GatewayError('Too busy', `${limit} connections to "${this.name}" are open.`, {
        outcome: 'not-sent',
      });
    const stream = this.#session.request({ ':method': 'CONNECT', ':authority': `${this.name}:80` });
    const connection = new LineStream(stream, 'soft');
    this.#streams += 1;
    this.#open.add(connection);
    stream.once('response', (headers: IncomingHttpHeaders) => {
      const status = Number(headers[':status']);
      if (status !== 200) connection.destroy(new StreamRefusedError(`the gateway answered ${status}`));
    });
    connection.once('close', () => {
      this.#open.delete(connection);
      this.#closedBytes.received += connection.bytesRead;
      this.#closedBytes.sent += connection.bytesWritten;
    });
    stream.once('close', () => {
      this.#streams -= 1;
      onClose();
    });
    return connection;
  }

  /** Ends the line and what goes through it. */
  end(reason: string): void {
    if (this.#session.destroyed) return;
    this.#session.goaway(constants.NGHTTP2_NO_ERROR, 0, Buffer.from(reason));
    this.#destroy(reason);
  }

  #destroy(reason: string): void {
    this.#log.info({ line: this.name, reason }, 'ending a line');
    // The reason leaves before the socket goes.
    this.#session.destroy();
    setImmediate(() => this.#socket.destroy());
  }
}

export function noLine(name: string): GatewayError {
  return new GatewayError('Studio unreachable', `The gateway "${name}" has no line to this relay now.`, {
    outcome: 'not-sent',
  });
}
