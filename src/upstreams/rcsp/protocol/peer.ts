/** What answers where an RCSP server should be, by its first bytes. */

/** A connection ended before the first RCSP frame came: its port may not be that of an RCSP server. */
export class PeerError extends Error {}

/** First bytes that are kept to name the peer. */
export const PEER_BYTES = 64;

const TLS_ALERT = 0x15;
const TLS_HANDSHAKE = 0x16;
const TLS_MAJOR = 3;

/** The likely mistake; undefined for bytes that no well-known protocol begins with. */
export function describePeer(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1', 0, PEER_BYTES);
  const isTls = (bytes[0] === TLS_ALERT || bytes[0] === TLS_HANDSHAKE) && bytes[1] === TLS_MAJOR;
  if (/^HTTP\/\d/.test(text)) return speaks('HTTP');
  if (isTls) return speaks('TLS');
  if (text.startsWith('SSH-')) return speaks('SSH');
  const banner = /^(?:220|\+OK|\* OK|RFB \d)[\x20-\x7e]*/.exec(text)?.[0];
  return banner === undefined ? undefined : `this port says "${banner}"; is it the RCSP port?`;
}

function speaks(protocol: string): string {
  return `this port speaks ${protocol}; is it the RCSP port?`;
}

/** Why a peer closed the connection before it sent anything. */
export const CLOSED_SILENTLY =
  'the studio closed the connection before it sent anything: a TLS server does that, or a studio that takes no more connections';
