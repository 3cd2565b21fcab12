/**
 * What a page of another site can have a browser load without its own script: images, styles, scripts and frames. Over
 * plain HTTP by a name, browsers send no `Sec-Fetch-*`, and such a request shows neither `Origin` nor whose it is.
 */
import { GatewayError } from '../errors/errors.js';

/** Of a GET of the API. */
export interface Load {
  readonly fetchDest: string | undefined;
  readonly accept: string | undefined;
  readonly userAgent: string | undefined;
  /** It asks for server-sent events. */
  readonly isStream: boolean;
}

/** `Sec-Fetch-Dest` of scripts' own requests and of what a person opens. */
const PLAIN_DESTS: ReadonlySet<string> = new Set(['', 'empty', 'document', 'websocket']);
/** What browsers name first when they load an image, a style sheet, a film or a font. */
const EMBEDDED = /^\s*(?:image|video|audio|font)\/|^\s*text\/css\b/i;

/** @throws GatewayError `Forbidden` when a browser loads it as a part of a page */
export function assertNotEmbedded({ fetchDest, accept = '', userAgent = '', isStream }: Load): void {
  if (fetchDest !== undefined && !PLAIN_DESTS.has(fetchDest))
    throw refused(`it is asked for as ${JSON.stringify(fetchDest.slice(0, 40))}`);
  if (fetchDest !== undefined) return;
  if (EMBEDDED.test(accept)) throw refused(`Accept is ${JSON.stringify(accept.slice(0, 40))}`);
  if (isStream && !asksForStream(accept, userAgent)) {
    throw refused('a browser must ask for a stream with Accept: text/event-stream');
  }
}

/** Scripts that a page names are asked for with any type, as by curl: browsers call themselves Mozilla. */
function asksForStream(accept: string, userAgent: string): boolean {
  if (/\btext\/(?:event-stream|\*)/i.test(accept) || accept === '') return true;
  return accept.trim() === '*/*' && !userAgent.startsWith('Mozilla/');
}

function refused(reason: string): GatewayError {
  return new GatewayError('Forbidden', `The API is not loaded as a part of a page: ${reason}.`, {
    outcome: 'not-sent',
  });
}
