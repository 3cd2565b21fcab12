import { constants } from 'node:http2';
import { BrokenStreamError } from '../transports/relay/line-stream.js';

/** RFC 9113, 8.7: the gateway did nothing with it. */
export function refusedStream(error: unknown): boolean {
  return error instanceof BrokenStreamError && error.rstCode === constants.NGHTTP2_REFUSED_STREAM;
}
