import type { ClientMessage } from '../wire/messages.js';
import { modeRank } from '../wire/mode.js';
import type { Mode } from '../wire/mode.js';

/** The cursor from which a new stream of events resumes: everything up to it, over all channels, has been received. */
export interface Place {
  cursor: string | undefined;
}

interface HttpLinkOptions {
  /** Ends with a slash. */
  readonly base: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly place: Place;
  /** A message as the gateway would send it over a WebSocket. */
  readonly onText: (text: string) => void;
  /** The gateway cannot be reached any more, or its stream ended. */
  readonly onEnd: (detail: string) => void;
}

interface Subscription {
  readonly id: number;
  readonly mode: Mode;
  /** The gateway has acknowledged it. */
  isTaken: boolean;
}

/** The gateway writes a comment every 15 s. */
const MAX_SILENCE_MS = 45_000;
/** Characters of one event. */
const MAX_EVENT = 2 ** 26;

/**
 * Carries the messages of `/v1/ws` where no WebSocket can be opened: commands are POST requests, and one stream of
 * server-sent events carries all subscriptions. Each change of these opens the stream anew, from `place`.
 */
export class HttpLink {
  readonly readyState = 1;
  readonly #options: HttpLinkOptions;
  readonly #abort = new AbortController();
  readonly #wanted = new Map<string, Subscription>();
  #stream: AbortController | undefined;
  #isDue = false;
  #heardAt = 0;
  /** Subscriptions added per request: one after a refusal, so that the gateway's error names the right one. */
  #step = Infinity;

  constructor(options: HttpLinkOptions) {
    this.#options = options;
  }

  send(text: string): void {
    const message = JSON.parse(text) as ClientMessage & { readonly id: number };
    const { id } = message;
    if (message.op === 'ping') void this.#ping(id);
    else if (message.op === 'command') void this.#call(id, message);
    else {
      for (const channel of message.channels) {
        if (message.op === 'unsubscribe') this.#wanted.delete(channel);
        else this.#wanted.set(channel, { id, mode: message.mode ?? 'all', isTaken: false });
      }
      this.#soon();
    }
  }

  close(): void {
    this.#abort.abort();
    this.#stream?.abort();
  }

  async #ping(id: number): Promise<void> {
    if (this.#stream !== undefined && performance.now() - this.#heardAt > MAX_SILENCE_MS)
      return this.#options.onEnd('The event stream is silent.');
    try {
      const answer = await this.#fetch(new URL('live', this.#options.base));
      await answer.text();
      this.#tell({ op: 'pong', id });
    } catch (error) {
      this.#options.onEnd(String(error));
    }
  }

  async #call(id: number, message: Extract<ClientMessage, { op: 'command' }>): Promise<void> {
    const { command, arguments: args, timeoutMs } = message;
    const { base, onText } = this.#options;
    let error = '{"code":"Connection lost","status":502,"outcome":"no-answer"}';
    try {
      const answer = await this.#fetch(new URL(`v1/commands/${encodeURIComponent(command)}`, base), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(timeoutMs !== undefined && { prefer: `wait=${Math.ceil(timeoutMs / 1000)}` }),
        },
        body: JSON.stringify({ Arguments: args }),
      });
      const body = await answer.text();
      if (answer.ok) return onText(`{"op":"response","id":${id},"response":${body || null}}`);
      // A proxy may answer with a page of its own.
      if (isJson(answer)) error = body;
    } catch {
      // Reported below.
    }
    onText(`{"op":"error","id":${id},"error":${error}}`);
  }

  #soon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      void this.#listen();
    });
  }

  async #listen(): Promise<void> {
    this.#stream?.abort();
    this.#stream = undefined;
    const all = [...this.#wanted];
    const untaken = all.filter(([, { isTaken }]) => !isTaken);
    const added = untaken.slice(0, this.#step);
    const wanted = [...all.filter(([, { isTaken }]) => isTaken), ...added];
    if (wanted.length === 0 || this.#abort.signal.aborted) return;
    const stream = (this.#stream = new AbortController());
    this.#heardAt = performance.now();
    const { place, base, onEnd } = this.#options;
    const headers: Record<string, string> =
      place.cursor === undefined ? {} : { 'last-event-id': place.cursor };
    try {
      const answer = await this.#fetch(streamUrl(base, wanted), { headers, signal: stream.signal });
      if (!answer.ok) return await this.#refuse(answer, added);
      for (const [channel, subscription] of added) {
        subscription.isTaken = true;
        this.#tell({ op: 'subscribed', id: subscription.id, channels: [{ channel, cursors: {} }] });
      }
      if (added.length < untaken.length) this.#soon();
      else await this.#read(answer);
    } catch (error) {
      if (!stream.signal.aborted) onEnd(String(error));
    }
  }

  async #refuse(answer: Response, added: readonly (readonly [string, Subscription])[]): Promise<void> {
    const body = await answer.text();
    const [first, second] = added;
    if (first === undefined || !isJson(answer))
      return this.#options.onEnd(`The stream got ${answer.status}.`);
    if (second === undefined) {
      this.#wanted.delete(first[0]);
      this.#options.onText(`{"op":"error","id":${first[1].id},"error":${body}}`);
    }
    this.#step = 1;
    this.#soon();
  }

  /** Reads server-sent events until the stream ends, which is an error. */
  async #read({ body }: Response): Promise<never> {
    this.#step = Infinity;
    const reader = body?.getReader();
    const decoder = new TextDecoder();
    let rest = '';
    for (;;) {
      this.#heardAt = performance.now();
      const chunk = await reader?.read();
      if (chunk?.value === undefined || rest.length > MAX_EVENT) throw new Error('The event stream ended.');
      const events = (rest + decoder.decode(chunk.value, { stream: true })).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) this.#hear(event);
    }
  }

  #hear(event: string): void {
    const [id, data] = ['id: ', 'data: '].map((name) =>
      event
        .split('\n')
        .filter((line) => line.startsWith(name))
        .map((line) => line.slice(name.length))
        .join('\n'),
    );
    if (data) this.#options.onText(data);
    if (id) this.#options.place.cursor = id;
  }

  #tell(message: object): void {
    this.#options.onText(JSON.stringify(message));
  }

  #fetch(
    url: URL,
    { headers, ...init }: Omit<RequestInit, 'headers'> & { readonly headers?: Record<string, string> } = {},
  ): Promise<Response> {
    return fetch(url, {
      cache: 'no-store',
      signal: this.#abort.signal,
      ...init,
      headers: { ...this.#options.headers, ...headers },
    });
  }
}

/** One stream has one mode: the one that delivers the most. */
function streamUrl(base: URL, wanted: readonly (readonly [string, Subscription])[]): URL {
  const url = new URL('v1/events', base);
  const { searchParams } = url;
  for (const [channel] of wanted) searchParams.append('channel', channel);
  const [mode] = wanted.map((each) => each[1].mode).sort((a, b) => modeRank(b) - modeRank(a));
  if (typeof mode === 'object') searchParams.set('maxRateHz', String(mode.maxRateHz));
  else searchParams.set('mode', mode ?? 'all');
  return url;
}

function isJson({ headers }: Response): boolean {
  return headers.get('content-type')?.includes('json') === true;
}
