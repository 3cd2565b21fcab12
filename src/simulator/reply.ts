/** Encodes the frames that the server sends. */
import { FrameType, encodeFrame } from '../upstreams/rcsp/protocol/frame.js';

/** The command's fields that every answer repeats. */
export interface Envelope {
  readonly TrackId: string;
  readonly Version: number;
}

/** `rcsp_response_payload`, or `rcsp_response_ok` without a response. */
export function encodeOk({ TrackId, Version }: Envelope, response?: unknown): Buffer {
  const payload = {
    TrackId,
    Status: 'Ok',
    Version,
    ...(response === undefined ? {} : { Response: response }),
  };
  return encodeFrame(FrameType.responseOk, JSON.stringify(payload));
}

/** `rcsp_response_error` */
export function encodeError({ TrackId, Version }: Envelope, code: string, message: string): Buffer {
  const payload = { TrackId, Status: 'Error', Version, Error: { Code: code, Message: message } };
  return encodeFrame(FrameType.responseError, JSON.stringify(payload));
}

/** `rcsp_event` */
export function encodeEvent(publisher: string, topic: string, data: unknown): Buffer {
  const payload = { Publisher: publisher, Topic: topic, EventData: data };
  return encodeFrame(FrameType.event, JSON.stringify(payload));
}
