import { GatewayError } from '../../errors/errors.js';
import type { DataChannel, PeerConnection } from './rtc-library.js';

/** The label of the channel that RTCBot uses; others are closed. */
const LABEL = 'default';
/** Milliseconds for STUN and TURN servers: the answer then has the candidates that are there. */
const CANDIDATES_MS = 3000;
/** Milliseconds from the answer until the data channel is open. */
const OPEN_MS = 15_000;

/** What carries the messages of an open channel. */
export interface ChannelUser {
  receive(message: string | Buffer | ArrayBuffer): void;
  /** The channel is gone. */
  end(): void;
}

/** `opened` comes first where it comes; one of the others is the last. */
export type PeerReport = 'opened' | 'closed' | 'not-opened' | 'failed' | 'refused';

export interface PeerOptions {
  readonly create: () => PeerConnection;
  /** The channel is open; `closePeer` ends the connection at once. */
  readonly onOpen: (channel: DataChannel, closePeer: () => void) => ChannelUser;
  readonly onReport: (report: PeerReport, detail: string) => void;
}

type State = 'answering' | 'connecting' | 'open' | 'closed';

/** One peer connection, from its offer to its end. It owns the library's object and ends it. */
export class RtcPeer {
  readonly #options: PeerOptions;
  readonly #connection: PeerConnection;
  #state: State = 'answering';
  #channel: DataChannel | undefined;
  #user: ChannelUser | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onGathered: () => void = () => undefined;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#connection = options.create();
    this.#connection.onStateChange((state) => this.#onState(state));
    this.#connection.onGatheringStateChange((state) => state === 'complete' && this.#onGathered());
    this.#connection.onDataChannel((channel) => this.#take(channel));
  }

  /**
   * Answers an offer once all candidates are known. The other end has 15 s from then to open the channel.
   *
   * @throws GatewayError `Invalid request` when the offer cannot be answered
   */
  async answer(sdp: string): Promise<string> {
    try {
      const gathered = this.#gathered();
      this.#connection.setRemoteDescription(sdp, 'offer');
      await gathered;
      const local = this.#isClosed ? null : this.#connection.localDescription();
      if (local?.type !== 'answer') throw new Error('there is nothing to answer it with');
      this.#wait();
      return local.sdp;
    } catch (error) {
      const detail = `The offer cannot be answered: ${(error as Error).message.replace(/^libdatachannel error[^#]*# ?/, '')}.`;
      this.#end('refused', detail);
      throw new GatewayError('Invalid request', detail, { outcome: 'not-sent', cause: error });
    }
  }

  close(): void {
    this.#end('closed', 'closed by the gateway');
  }

  /** A getter, for the state changes while others are called. */
  get #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #gathered(): Promise<void> {
    return new Promise((resolve) => {
      this.#onGathered = resolve;
      this.#timer = setTimeout(resolve, CANDIDATES_MS);
    });
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#state !== 'answering') return;
    this.#state = 'connecting';
    this.#timer = setTimeout(() => {
      this.#end('not-opened', `no data channel within ${OPEN_MS / 1000} s (${this.#connection.state()})`);
    }, OPEN_MS);
  }

  #take(channel: DataChannel): void {
    if (this.#isClosed) return;
    if (channel.getLabel() !== LABEL || this.#channel !== undefined) return channel.close();
    this.#channel = channel;
    channel.onClosed(() => this.#end('closed', 'the data channel was closed'));
    channel.onError((error) => this.#end('failed', error));
    channel.onOpen(() => this.#open(channel));
    if (channel.isOpen()) this.#open(channel);
  }

  #open(channel: DataChannel): void {
    if (this.#state === 'open' || this.#state === 'closed') return;
    clearTimeout(this.#timer);
    this.#state = 'open';
    this.#options.onReport('opened', '');
    const user = this.#options.onOpen(channel, () => this.close());
    if (this.#isClosed) return user.end();
    this.#user = user;
    channel.onMessage((message) => this.#isClosed || user.receive(message));
  }

  #onState(state: string): void {
    if (state === 'failed') this.#end('failed', 'no path to the other end works any more');
    else if (state === 'closed' || state === 'disconnected')
      this.#end('closed', `the connection is ${state}`);
  }

  #end(report: PeerReport, detail: string): void {
    if (this.#isClosed) return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#onGathered();
    this.#connection.close();
    this.#user?.end();
    this.#options.onReport(report, detail);
  }
}
