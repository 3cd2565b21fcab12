/**
 * What RCSP's payloads say: the JSON objects of the specification, parsed where the bytes come in.
 *
 * Names are the specification's (`rcsp_cmd`, `rcsp_response_payload`, `rcsp_response_error`, `rcsp_event`).
 * Unknown extra fields pass; optional ones may be absent or null.
 */
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { FrameType, encodeFrame } from './frame.js';
import { scanPublisher } from './publisher-scan.js';
import { rawMember } from './raw-json.js';
import { repair } from './repair.js';
import type { Repair } from './repair.js';

/** `rcsp_cmd`. `TrackId` is echoed in the response. */
export interface Command {
  readonly Command: string;
  readonly TrackId: string;
  readonly Version: number;
  readonly Arguments?: Readonly<Record<string, unknown>>;
}

/** The studio ran the command. `bytes` is `Response` as the studio wrote it; both absent when it sent none. */
export interface OkResponse {
  readonly kind: 'ok';
  readonly trackId: string | undefined;
  readonly response: unknown;
  readonly bytes: Buffer | undefined;
  /** The command whose answer it was found to be, by its receiver. */
  fits?: string;
}

/** The studio refused the command. */
export interface ErrorResponse {
  readonly kind: 'error';
  readonly trackId: string | undefined;
  readonly code: string;
  readonly message: string | undefined;
}

export interface EventMessage {
  readonly kind: 'event';
  readonly publisher: string;
  readonly topic: string;
  readonly data: unknown;
  /** The whole event as the studio wrote it, repaired where no parser could read it. May be a view of the socket's chunk: copy what must last. */
  readonly bytes: Buffer;
}

/** Why a payload says nothing; the framing around it is intact. */
export type UnreadableKind = 'not-json' | 'not-an-object' | 'not-an-event' | 'unknown-type';

/**
 * `type` is the frame's; `trackId` is there when the payload of an unknown type has one, `publisher` when that of an
 * event can be told.
 */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly type: number;
  readonly reason: UnreadableKind;
  readonly trackId: string | undefined;
  readonly publisher?: string | undefined;
}

export type ServerMessage = OkResponse | ErrorResponse | EventMessage | Unreadable;

const CommandSchema = z.looseObject({
  Command: z.string(),
  TrackId: z.string(),
  Version: z.number(),
  Arguments: z.record(z.string(), z.unknown()).nullish(),
});

/** An error without a code still is one: the specification has a code for that. */
const UNKNOWN_ERROR = 'Unknown error';

const ErrorSchema = z.looseObject({
  Error: z
    .looseObject({ Code: z.string().catch(UNKNOWN_ERROR), Message: z.string().nullish().catch(undefined) })
    .catch({ Code: UNKNOWN_ERROR }),
});

/** `argumentsJson`, if given, is sent in place of `Arguments`. */
export function encodeCommand(command: Command, argumentsJson?: string): Buffer {
  return encodeFrame(FrameType.command, commandJson(command, argumentsJson));
}

/** A command's payload. Each part is written by itself: an object takes longer. */
export function commandJson(command: Command, argumentsJson: string | undefined): string {
  if (argumentsJson === undefined || command.Arguments === undefined) return JSON.stringify(command);
  const { Command, TrackId, Version } = command;
  const head = `{"Command":${JSON.stringify(Command)},"TrackId":${JSON.stringify(TrackId)},"Version":${Version}`;
  return `${head},"Arguments":${argumentsJson}}`;
}

/** A command as a server reads it; undefined when the payload is no `rcsp_cmd`. */
export function parseCommand(payload: Buffer): Command | undefined {
  const parsed = CommandSchema.safeParse(parsePayload(payload));
  if (!parsed.success) return undefined;
  const { Command, TrackId, Version, Arguments } = parsed.data;
  return { Command, TrackId, Version, ...(Arguments ? { Arguments } : {}) };
}

/**
 * A frame as a client reads it. Never throws: what cannot be read is told as `unreadable`. `onRepaired` hears what had
 * to be replaced so that the payload could be read.
 */
export function parseServerMessage(
  type: number,
  payload: Buffer,
  onRepaired?: (repairs: readonly Repair[]) => void,
): ServerMessage {
  const json = parsePayload(payload);
  if (json !== undefined) return parseMessage(type, payload, json);
  const repaired = repair(payload);
  const repairedJson = repaired === undefined ? undefined : parsePayload(repaired.bytes);
  if (repaired === undefined || repairedJson === undefined) return parseMessage(type, payload, undefined);
  onRepaired?.(repaired.repairs);
  return parseMessage(type, repaired.bytes, repairedJson);
}

function parseMessage(type: number, payload: Buffer, json: unknown): ServerMessage {
  switch (type) {
    case FrameType.responseOk:
      return isObject(json) ? parseOk(json, payload) : unreadable(type, json);
    case FrameType.responseError:
      return isObject(json) ? parseError(json) : unreadable(type, json);
    case FrameType.event:
      return isObject(json)
        ? parseEvent(json, payload)
        : { ...unreadable(type, json), publisher: json === undefined ? scanPublisher(payload) : undefined };
    default:
      return { kind: 'unreadable', type, reason: 'unknown-type', trackId: trackIdOf(json) };
  }
}

function parseOk(json: Record<string, unknown>, payload: Buffer): OkResponse | Unreadable {
  const response = json['Response'] ?? undefined;
  if (response === undefined) return { kind: 'ok', trackId: trackIdOf(json), response, bytes: undefined };
  const bytes = rawMember(payload, 'Response') ?? writtenAnew(response);
  if (bytes === undefined) return unreadable(FrameType.responseOk, undefined);
  return { kind: 'ok', trackId: trackIdOf(json), response, bytes };
}

/** A key spelt with escapes is only found by a parser. What is nested too deeply can be read and not be written. */
function writtenAnew(response: unknown): Buffer | undefined {
  try {
    return Buffer.from(JSON.stringify(response));
  } catch {
    return undefined;
  }
}

function parseError(json: Record<string, unknown>): ErrorResponse {
  const { Code, Message } = ErrorSchema.parse(json).Error;
  return { kind: 'error', trackId: trackIdOf(json), code: Code, message: Message ?? undefined };
}

function parseEvent(json: Record<string, unknown>, bytes: Buffer): EventMessage | Unreadable {
  const { Publisher, Topic, EventData } = json;
  const publisher = typeof Publisher === 'string' ? Publisher : undefined;
  if (publisher !== undefined && typeof Topic === 'string')
    return { kind: 'event', publisher, topic: Topic, data: EventData, bytes };
  return {
    kind: 'unreadable',
    type: FrameType.event,
    reason: 'not-an-event',
    trackId: undefined,
    publisher,
  };
}

function unreadable(type: number, json: unknown): Unreadable {
  return {
    kind: 'unreadable',
    type,
    reason: json === undefined ? 'not-json' : 'not-an-object',
    trackId: undefined,
  };
}

/** undefined, which JSON cannot say, when the bytes are not UTF-8 or not JSON. */
export function parsePayload(payload: Buffer): unknown {
  if (!isUtf8(payload)) return undefined;
  try {
    return JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
}

function trackIdOf(json: unknown): string | undefined {
  return isObject(json) && typeof json['TrackId'] === 'string' ? json['TrackId'] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
