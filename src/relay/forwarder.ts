import http from 'node:http';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../errors/errors.js';
import { BrokenStreamError } from '../transports/relay/line-stream.js';
import { noLine, StreamRefusedError } from './line.js';
import type { Line } from './line.js';
import type { Lines } from './lines.js';
import { requestHeaders, responseHeaders } from './relayed-headers.js';
import type { RequestFacts } from './relayed-headers.js';
import { refusedStream } from './refused-stream.js';
import type { StreamOpener } from './stream-opener.js';

/** Milliseconds in which a line may come back for a GET that it took along. */
const BACK_MS = 2000;
/** Milliseconds in which a client that is sent something must take some of it. */
const STALL_MS = 60_000;
/** Milliseconds to take the rest of a request that has been answered. */
const REST_MS = 2000;

export interface ForwarderOptions {
  readonly lines: Lines;
  readonly opener: StreamOpener;
  readonly onProblem: (error: unknown, request: IncomingMessage, response: ServerResponse) => void;
  readonly onAnswer: (name: string, status: number) => void;
}

export interface Forwarded {
  readonly name: string;
  /** As the gateway sees it. */
  readonly path: string;
  readonly facts: RequestFacts;
}

/** Passes requests on to gateways, and their answers back. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  /** Streams of events, which end by themselves never. */
  readonly #streams = new Set<ServerResponse>();
  #isEnding = false;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  forward(request: IncomingMessage, response: ServerResponse, target: Forwarded): void {
    if (this.#isEnding) response.shouldKeepAlive = false;
    new Exchange(this.#options, this.#streams, request, response, target).start();
  }

  /** Ends the event streams; no connection is kept alive from now on. */
  close(): void {
    this.#isEnding = true;
    for (const each of this.#streams) each.destroy();
  }
}

/** One request and its answer. */
class Exchange {
  readonly #options: ForwarderOptions;
  readonly #streams: Set<ServerResponse>;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #target: Forwarded;
  readonly #isRepeatable: boolean;
  #outgoing: ClientRequest | undefined;
  #hasRepeated = false;
  #isOver = false;

  constructor(
    options: ForwarderOptions,
    streams: Set<ServerResponse>,
    request: IncomingMessage,
    response: ServerResponse,
    target: Forwarded,
  ) {
    this.#options = options;
    this.#streams = streams;
    this.#request = request;
    this.#response = response;
    this.#target = target;
    this.#isRepeatable = (request.method === 'GET' || request.method === 'HEAD') && !hasBody(request);
  }

  start(): void {
    this.#response.once('close', () => this.#end());
    const line = this.#options.lines.find(this.#target.name);
    if (line === undefined) this.#fail(noLine(this.#target.name));
    else this.#attempt(line);
  }

  #attempt(line: Line): void {
    const { name, path, facts } = this.#target;
    const request = this.#request;
    try {
      const outgoing = http.request({
        agent: this.#options.opener.agentFor(request, line, facts.address),
        host: name,
        method: request.method,
        path,
        headers: framed(request, requestHeaders(request.rawHeaders, facts, name)),
      });
      this.#outgoing = outgoing;
      outgoing.once('response', (answer) => this.#answer(answer));
      outgoing.on('error', (error) => {
        if (this.#outgoing === outgoing) void this.#lose(line, error);
      });
      // A gateway may refuse a body that it does not want before it has come.
      if (hasBody(request)) request.pipe(outgoing);
      else outgoing.end();
    } catch (error) {
      this.#fail(error);
    }
  }

  #answer(answer: IncomingMessage): void {
    const response = this.#response;
    const { statusCode: status = 502, statusMessage = '' } = answer;
    if (!this.#request.complete && hasBody(this.#request)) this.#endAfterAnswer();
    this.#options.onAnswer(this.#target.name, status);
    response.writeHead(status, statusMessage, responseHeaders(answer.rawHeaders));
    response.flushHeaders();
    if (answer.headers['content-type']?.startsWith('text/event-stream') === true) this.#streams.add(response);
    passBody(answer, response);
  }

  /** The rest of the body is taken for a while, so that the client comes to read the answer. */
  #endAfterAnswer(): void {
    const request = this.#request;
    this.#response.shouldKeepAlive = false;
    this.#response.once('finish', () => {
      request.unpipe();
      request.resume();
      const timer = setTimeout(() => request.socket.destroy(), REST_MS);
      request.socket.once('close', () => clearTimeout(timer));
    });
  }

  /** The stream broke. */
  async #lose(line: Line, error: Error): Promise<void> {
    if (this.#isOver) return;
    // What of the answer is missing is told by the answer itself.
    if (this.#response.headersSent) return;
    if (error instanceof StreamRefusedError || refusedStream(error)) {
      this.#fail(
        new GatewayError('Too busy', 'The gateway takes no more connections.', {
          outcome: 'not-sent',
          cause: error,
        }),
      );
      return;
    }
    if (error instanceof GatewayError) return this.#fail(error);
    if (this.#isRepeatable && !this.#hasRepeated) {
      this.#hasRepeated = true;
      const again = line.isOpen ? line : await this.#options.lines.next(line.name, BACK_MS);
      // The client may have left meanwhile.
      if (this.#isLeft()) return;
      if (again !== undefined) return this.#attempt(again);
    }
    const cause = error instanceof BrokenStreamError || 'code' in error ? error : undefined;
    this.#fail(
      new GatewayError('Connection lost', 'The line to the gateway was lost before the answer.', {
        outcome: 'no-answer',
        cause,
      }),
    );
  }

  #isLeft(): boolean {
    return this.#isOver;
  }

  #fail(error: unknown): void {
    if (this.#isOver || this.#response.headersSent) return;
    if (!this.#request.complete && hasBody(this.#request)) this.#endAfterAnswer();
    this.#options.onProblem(error, this.#request, this.#response);
  }

  #end(): void {
    this.#isOver = true;
    this.#streams.delete(this.#response);
    if (this.#response.writableFinished) return;
    // The client left: nobody reads the answer.
    this.#outgoing?.destroy();
  }
}

/** An answer that is not whole ends the client's connection: it must not be taken for one that is. */
function passBody(answer: IncomingMessage, response: ServerResponse): void {
  let stalled: NodeJS.Timeout | undefined;
  answer.on('data', (chunk: Buffer) => {
    if (response.write(chunk)) return;
    answer.pause();
    clearTimeout(stalled);
    stalled = setTimeout(() => response.destroy(), STALL_MS);
  });
  response.on('drain', () => {
    clearTimeout(stalled);
    answer.resume();
  });
  response.once('close', () => clearTimeout(stalled));
  answer.once('error', () => response.destroy());
  answer.once('end', () => {
    if (answer.complete) response.end();
  });
  answer.once('close', () => {
    if (!answer.complete) response.destroy();
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** A body without a length comes in chunks. */
function framed({ headers }: IncomingMessage, list: string[]): string[] {
  return headers['transfer-encoding'] === undefined ? list : [...list, 'Transfer-Encoding', 'chunked'];
}
