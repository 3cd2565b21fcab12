/**
 * `/client-webrtc.js`: a data channel that the client uses like a WebSocket. A script of its own, which the client loads
 * where `transport: 'webrtc'` asks for it; it leaves `rcspDataChannel`, which makes the class for one client.
 */
type Listeners = {
  open: (() => void)[];
  error: (() => void)[];
  message: ((event: { readonly data: unknown }) => void)[];
  close: ((event: { readonly code: number; readonly reason: string }) => void)[];
};

interface Description {
  readonly type: 'answer';
  readonly sdp: string;
}

/** Milliseconds for STUN and TURN servers. */
const CANDIDATES_MS = 2000;
const PING = '{"op":"ping"}';

class DataChannelSocket {
  static readonly openMs = 10_000;
  readonly #listeners: Listeners = { open: [], error: [], message: [], close: [] };
  #connection: RTCPeerConnection | undefined;
  #channel: RTCDataChannel | undefined;
  #state: 'connecting' | 'closed' = 'connecting';

  /** @param url of `/v1/ws`, with a ticket where one is needed: the offer goes to `/v1/rtc` beside it */
  constructor(url: string, token: string | undefined) {
    const rtc = new URL(url);
    rtc.protocol = rtc.protocol === 'wss:' ? 'https:' : 'http:';
    rtc.pathname = rtc.pathname.replace(/ws$/, 'rtc');
    this.#open(rtc, token).catch((error: unknown) =>
      this.#end(error instanceof Error ? error.message : String(error)),
    );
  }

  /** A function, for it closes while the offer is on its way. */
  #isOver(): boolean {
    return this.#state === 'closed';
  }

  get readyState(): number {
    return this.#channel?.readyState === 'open' ? 1 : 3;
  }

  addEventListener<Type extends keyof Listeners>(type: Type, listener: Listeners[Type][number]): void {
    (this.#listeners[type] as Listeners[Type][number][]).push(listener);
  }

  send(text: string): void {
    this.#channel?.send(text);
  }

  close(): void {
    this.#end('');
  }

  async #open(url: URL, token: string | undefined): Promise<void> {
    const iceServers = await iceServersOf(url, token);
    if (this.#isOver()) return;
    const connection = (this.#connection = new RTCPeerConnection({ iceServers }));
    const channel = (this.#channel = connection.createDataChannel('default'));
    channel.onopen = () => this.#listeners.open.forEach((listener) => listener());
    channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#hear(data);
    channel.onclose = () => this.#end('The data channel was closed.');
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === 'failed') this.#end('The data channel has no path to the gateway.');
    };
    await connection.setLocalDescription(await connection.createOffer());
    await candidatesOf(connection);
    const answer = await post(url, connection.localDescription);
    if (!this.#isOver()) await connection.setRemoteDescription(answer);
  }

  #hear(data: unknown): void {
    if (data === PING) return this.#channel?.send('{"op":"pong"}');
    this.#listeners.message.forEach((listener) => listener({ data }));
  }

  #end(reason: string): void {
    if (this.#isOver()) return;
    this.#state = 'closed';
    this.#channel?.close();
    this.#connection?.close();
    this.#listeners.close.forEach((listener) => listener({ code: 1006, reason }));
  }
}

async function iceServersOf(url: URL, token: string | undefined): Promise<RTCIceServer[]> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(new URL(`${url.pathname}/ice`, url), { cache: 'no-store', headers });
  if (!answer.ok) throw new Error(`The gateway offers no data channels (${answer.status}).`);
  const { iceServers } = (await answer.json()) as { iceServers: RTCIceServer[] };
  return iceServers;
}

function candidatesOf(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (connection.iceGatheringState === 'complete') resolve();
    };
    connection.onicegatheringstatechange = check;
    setTimeout(resolve, CANDIDATES_MS);
    check();
  });
}

async function post(url: URL, offer: RTCSessionDescription | null): Promise<Description> {
  const answer = await fetch(url, {
    method: 'POST',
    cache: 'no-store',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(offer),
  });
  const body = (await answer.json()) as Description & { readonly detail?: string };
  if (!answer.ok) throw new Error(body.detail ?? `The offer was answered with ${answer.status}.`);
  return body;
}

type TokenOf = () => string | undefined;

/** The class of one client, whose token may change. */
function rcspDataChannel(token: TokenOf): new (url: string) => DataChannelSocket {
  return class extends DataChannelSocket {
    constructor(url: string) {
      super(url, token());
    }
  };
}

Object.assign(globalThis, { rcspDataChannel });
