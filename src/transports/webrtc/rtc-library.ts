/** As much of node-datachannel as is used. The package is optional: neither its code nor its types are imported. */
import type { LibraryIceServer } from './ice-servers.js';

export interface DataChannel {
  getLabel(): string;
  isOpen(): boolean;
  close(): void;
  sendMessage(text: string): boolean;
  /** Bytes that the SCTP stack has not taken; what it has taken does not count. */
  bufferedAmount(): number;
  /** Of the remote end. */
  maxMessageSize(): number;
  setBufferedAmountLowThreshold(bytes: number): void;
  onBufferedAmountLow(callback: () => void): void;
  onOpen(callback: () => void): void;
  onClosed(callback: () => void): void;
  onError(callback: (error: string) => void): void;
  onMessage(callback: (message: string | Buffer | ArrayBuffer) => void): void;
}

export interface PeerConnection {
  setRemoteDescription(sdp: string, type: 'offer'): void;
  localDescription(): { readonly type: string; readonly sdp: string } | null;
  state(): string;
  gatheringState(): string;
  onStateChange(callback: (state: string) => void): void;
  onGatheringStateChange(callback: (state: string) => void): void;
  onDataChannel(callback: (channel: DataChannel) => void): void;
  close(): void;
}

export interface PeerSettings {
  readonly iceServers: LibraryIceServer[];
  readonly maxMessageSize: number;
  readonly enableIceUdpMux?: boolean;
  readonly portRangeBegin?: number;
  readonly portRangeEnd?: number;
}

export interface RtcLibrary {
  readonly PeerConnection: new (name: string, settings: PeerSettings) => PeerConnection;
  setSctpSettings(settings: { readonly sendBufferSize: number }): void;
}

/**
 * Bytes that the SCTP stack may hold of what was sent, and the largest message that it passes on. It holds no less
 * than one such message.
 */
export const SCTP_BUFFER_BYTES = 128 * 1024;

/** Not a literal: the package need not be there when this is compiled. */
const PACKAGE: string = 'node-datachannel';

/** Loads the library. @throws Error when it is not installed, or has no binary for this platform */
export async function loadRtcLibrary(): Promise<RtcLibrary> {
  const module: unknown = await import(PACKAGE);
  const library = typeof module === 'object' && module !== null && 'default' in module && module.default;
  if (!isLibrary(library)) throw new Error(`${PACKAGE} has another interface`);
  // Without this, a megabyte waits where it can be neither counted nor replaced.
  library.setSctpSettings({ sendBufferSize: SCTP_BUFFER_BYTES });
  return library;
}

function isLibrary(value: unknown): value is RtcLibrary {
  return (
    typeof value === 'object' &&
    value !== null &&
    'PeerConnection' in value &&
    typeof value.PeerConnection === 'function' &&
    'setSctpSettings' in value &&
    typeof value.setSctpSettings === 'function'
  );
}
