/** The text of a request body, by the `charset` of its content type. */
import { GatewayError } from '../errors/errors.js';

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** Clients with an old Windows encoding name it. WHATWG reads ISO-8859-1 as windows-1252, a superset. */
const DECODERS: ReadonlyMap<string, (bytes: Uint8Array) => string> = new Map([
  ...['utf-8', 'utf8', 'us-ascii', 'ascii'].map((label) => [label, utf8] as const),
  ...['iso-8859-1', 'latin1', 'windows-1252', 'cp1252'].map((label) => [label, windows1252] as const),
]);

function utf8(bytes: Uint8Array): string {
  return UTF_8.decode(bytes);
}

/** Without `stream`, Node 20 leaves 0x80 to 0x9f as control characters. */
function windows1252(bytes: Uint8Array): string {
  const decoder = new TextDecoder('windows-1252');
  return decoder.decode(bytes, { stream: true }) + decoder.decode();
}

export function bodyText(bytes: Uint8Array, contentType = ''): string | GatewayError {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8';
  const decode = DECODERS.get(charset);
  if (decode === undefined) {
    const shown = JSON.stringify(charset.slice(0, 40));
    return unsupported(`The charset ${shown} is not read: send the body in UTF-8.`);
  }
  try {
    return decode(bytes);
  } catch {
    return new GatewayError(
      'Invalid request',
      'The body is not UTF-8: encode it, or name its charset in Content-Type (iso-8859-1 is read).',
      { outcome: 'not-sent' },
    );
  }
}

export function unsupported(detail: string): GatewayError {
  return new GatewayError('Unsupported media type', detail, { outcome: 'not-sent' });
}
