/** Parses a client's frame into a command or a refusal. */
import { z } from 'zod';
import type { RcspErrorCode } from '../errors/errors.js';
import type { FrameErrorKind } from '../upstreams/rcsp/protocol/frame.js';
import { FrameType } from '../upstreams/rcsp/protocol/frame.js';
import type { Command } from '../upstreams/rcsp/protocol/message.js';
import { parseCommand, parsePayload } from '../upstreams/rcsp/protocol/message.js';
import type { Envelope } from './reply.js';

export interface Refusal {
  readonly kind: 'refusal';
  readonly envelope: Envelope;
  readonly code: RcspErrorCode;
  readonly message: string;
  /** The stream cannot be parsed further: the connection is closed after this answer. */
  readonly fatal: boolean;
}

export interface CommandRequest {
  readonly kind: 'command';
  readonly command: Command;
}

export type Request = CommandRequest | Refusal;

/** The readable fields of an `rcsp_cmd`, repeated in the answer. */
const Readable = z.looseObject({
  TrackId: z.string().catch(''),
  Version: z.number().catch(1),
});

const REQUIRED = ['Command', 'TrackId', 'Version'];

const FRAME_CODES = {
  marker: 'Invalid marker',
  'header-version': 'Wrong header type',
  'header-size': 'Wrong header type',
  'payload-size': 'Invalid value',
} as const satisfies Record<FrameErrorKind, RcspErrorCode>;

/** Refuses bytes that are not an RCSP frame. */
export function refuseFrame(kind: FrameErrorKind, message: string): Refusal {
  return refuse(undefined, FRAME_CODES[kind], message, true);
}

export function readRequest(type: number, payload: Buffer): Request {
  if (type !== FrameType.command) {
    return refuse(undefined, 'Wrong header type', `a server takes commands (1), not frames of type ${type}`);
  }
  const command = parseCommand(payload);
  return command === undefined ? refusePayload(payload) : { kind: 'command', command };
}

function refusePayload(payload: Buffer): Refusal {
  const json = parsePayload(payload);
  if (json === undefined) return refuse(json, 'Parse error', 'the payload is not JSON');
  const keys = z.record(z.string(), z.unknown()).safeParse(json);
  if (!keys.success) return refuse(json, 'Parse error', 'the payload is not an object');
  const missing = REQUIRED.find((key) => keys.data[key] === undefined);
  if (missing !== undefined) return refuse(json, 'Missing required key', `${missing} is missing`);
  return refuse(
    json,
    'Parse error',
    'Command and TrackId are strings, Version a number, Arguments an object',
  );
}

function refuse(json: unknown, code: RcspErrorCode, message: string, fatal = false): Refusal {
  const readable = Readable.safeParse(json);
  const { TrackId, Version } = readable.success ? readable.data : { TrackId: '', Version: 1 };
  return { kind: 'refusal', envelope: { TrackId, Version }, code, message, fatal };
}
