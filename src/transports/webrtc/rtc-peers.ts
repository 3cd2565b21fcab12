import { GatewayError } from '../../errors/errors.js';
import type { IceServers } from './ice-servers.js';
import { SCTP_BUFFER_BYTES } from './rtc-library.js';
import type { RtcLibrary } from './rtc-library.js';
import { RtcPeer } from './rtc-peer.js';
import type { PeerOptions, PeerReport } from './rtc-peer.js';

/** Connections that are not open yet, of all and of one client. */
const MAX_PENDING = 512;
const MAX_PENDING_OF_ONE = 128;
/** Characters of an offer. */
const MAX_OFFER = 64 * 1024;

export interface RtcPeersOptions {
  readonly library: RtcLibrary;
  readonly ice: IceServers;
  /** The one UDP port of all connections; null for any. */
  readonly port: number | null;
  readonly onReport: (report: PeerReport, detail: string) => void;
}

/** All peer connections: how many may be on their way, and their end. */
export class RtcPeers {
  readonly #options: RtcPeersOptions;
  /** Those that are not open yet, with the key of their client. */
  readonly #pending = new Map<RtcPeer, string>();
  readonly #peers = new Set<RtcPeer>();
  #isClosed = false;
  #count = 0;

  constructor(options: RtcPeersOptions) {
    this.#options = options;
  }

  /**
   * Answers the offer of a client.
   *
   * @param key what the client is counted under
   * @throws GatewayError `Invalid request`, `Too busy`, `Too many requests`
   */
  answer(key: string, sdp: string, onOpen: PeerOptions['onOpen']): Promise<string> {
    this.#assertRoom(key);
    assertOffersData(sdp);
    const peer: RtcPeer = new RtcPeer({
      create: () => this.#create(),
      onOpen,
      onReport: (report, detail) => {
        this.#pending.delete(peer);
        if (report !== 'opened') this.#peers.delete(peer);
        this.#options.onReport(report, detail);
      },
    });
    this.#pending.set(peer, key);
    this.#peers.add(peer);
    return peer.answer(sdp);
  }

  /** Ends those that are not open, and takes no more. Open ones end with their clients. */
  drain(): void {
    this.#isClosed = true;
    for (const peer of this.#pending.keys()) peer.close();
  }

  /** Ends all. */
  close(): void {
    this.#isClosed = true;
    for (const peer of this.#peers) peer.close();
  }

  #create(): InstanceType<RtcLibrary['PeerConnection']> {
    const { library, ice, port } = this.#options;
    this.#count += 1;
    return new library.PeerConnection(`peer-${this.#count}`, {
      iceServers: [...ice.forGateway(Date.now())],
      maxMessageSize: SCTP_BUFFER_BYTES,
      ...(port !== null && { enableIceUdpMux: true, portRangeBegin: port, portRangeEnd: port }),
    });
  }

  /** @throws GatewayError */
  #assertRoom(key: string): void {
    if (this.#isClosed) throw new GatewayError('Too busy', 'The gateway is shutting down.');
    if (this.#pending.size >= MAX_PENDING)
      throw new GatewayError('Too busy', `${MAX_PENDING} connections are not open yet.`);
    const own = [...this.#pending.values()].filter((each) => each === key).length;
    if (own >= MAX_PENDING_OF_ONE)
      throw new GatewayError('Too many requests', `${own} connections of this client are not open yet.`);
  }
}

/** What has no data channel would be waited for until it is given up on. @throws GatewayError `Invalid request` */
function assertOffersData(sdp: string): void {
  const detail =
    sdp.length > MAX_OFFER
      ? `The offer has more than ${MAX_OFFER} characters.`
      : /^m=application [1-9]/m.test(sdp)
        ? undefined
        : 'The offer has no data channel (m=application): create one before createOffer().';
  if (detail !== undefined) throw new GatewayError('Invalid request', detail, { outcome: 'not-sent' });
}
