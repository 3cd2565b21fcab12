/** A command between an edge and an origin: its request and its reply, as they are written. Pure. */
import { z } from 'zod';
import { GATEWAY_ERRORS, GatewayError, RejectedError } from '../../errors/errors.js';
import type { GatewayErrorCode } from '../../errors/errors.js';
import { problemOf } from '../../errors/problem-of.js';
import { jsonRejection } from '../../util/client-json.js';
import { oddMembers, writtenMembers } from '../../util/written-json.js';
import type { WrittenMembers } from '../../util/written-json.js';

export const SUBJECT_HEADER = 'Rcsp-Subject';
export const SCOPE_HEADER = 'Rcsp-Scope';
export const EDGE_HEADER = 'Rcsp-Edge';

const request = z.strictObject({
  arguments: z.record(z.string(), z.unknown()).nullish(),
  version: z.int().min(0).nullish(),
  timeoutMs: z.number().min(1).max(86_400_000).nullish(),
  trackId: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/)
    .nullish(),
  /** The asker follows the job, and does not wait for its end. */
  follow: z.boolean().nullish(),
});

export interface CommandRequest {
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Those arguments that must reach the studio as they are written here. */
  readonly written: WrittenMembers | undefined;
  readonly version: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly trackId: string | undefined;
  readonly isFollowed: boolean;
}

/** Nothing at all is a command without arguments. @throws GatewayError `Invalid request` */
export function parseRequest(text: string): CommandRequest {
  const json = text === '' ? {} : parseJson(text);
  const unfit = jsonRejection(json);
  if (unfit !== undefined) throw invalid(`The request ${unfit}.`);
  const parsed = request.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`The request does not fit: ${issue?.path.join('.') || 'body'}: ${issue?.message}`);
  }
  const { data } = parsed;
  return {
    arguments: data.arguments ?? {},
    written: oddMembers(writtenMembers(text).get('arguments')),
    version: data.version ?? undefined,
    timeoutMs: data.timeoutMs ?? undefined,
    trackId: data.trackId ?? undefined,
    isFollowed: data.follow === true,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('The request is not JSON.');
  }
}

function invalid(detail: string): GatewayError {
  return new GatewayError('Invalid request', detail, { outcome: 'not-sent' });
}

/** `argumentsJson` is written already. */
export function writeRequest(
  argumentsJson: string,
  rest: Readonly<Record<'timeoutMs' | 'trackId' | 'version' | 'follow', unknown>>,
): string {
  return `{"arguments":${argumentsJson},${JSON.stringify(rest).slice(1)}`;
}

const NULL = Buffer.from('null');
const END = Buffer.from('}');

/** The studio's own bytes, in an envelope; 204 where it sent none. */
export function writeReply(bytes: Buffer | undefined, status?: number): Buffer {
  const head = `{"status":${status ?? (bytes === undefined ? 204 : 200)},"response":`;
  return Buffer.concat([Buffer.from(head), bytes ?? NULL, END]);
}

/** Codes of what the origin itself refuses, rather than the studio. */
const REFUSALS: ReadonlySet<string> = new Set(['Invalid request', 'Unauthorized', 'Forbidden', 'Busy']);

/** A problem. What the origin refused is told as `rejected`: the asker did send it. */
export function writeProblem(error: unknown, command: string | undefined, trackId: string): Buffer {
  const problem = problemOf(error, command, trackId);
  const isRefused =
    problem.outcome === undefined
      ? problem.status < 500
      : problem.outcome === 'not-sent' && REFUSALS.has(problem.code);
  return Buffer.from(JSON.stringify(isRefused ? { ...problem, outcome: 'rejected' } : problem));
}

const outcome = z.enum(['not-sent', 'no-answer', 'rejected']).optional();
const reply = z.union([
  z.object({
    status: z.union([z.literal(200), z.literal(202), z.literal(204)]),
    code: z.undefined().optional(),
    response: z.unknown(),
  }),
  z.object({
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    outcome,
    errors: z.array(z.object({ path: z.string(), reason: z.string() })).optional(),
    holder: z.string().optional(),
  }),
]);

export interface CommandReply {
  readonly status: 200 | 202 | 204;
  readonly response: unknown;
  /** As the studio wrote it. */
  readonly bytes: Buffer | undefined;
}

/** @throws the error that the origin told; GatewayError `Protocol error` for what is no reply */
export function parseReply(data: Uint8Array): CommandReply {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const parsed = reply.safeParse(parseSafely(text.toString()));
  if (!parsed.success)
    throw new GatewayError('Protocol error', 'The answer of the origin cannot be read.', {
      outcome: 'no-answer',
    });
  const { data: told } = parsed;
  if (told.code !== undefined) throw errorOf(told);
  const bytes = told.status === 204 ? undefined : responseIn(text);
  return { status: told.status, response: told.response, bytes };
}

/** The response as it is written in a reply of ours, or in one that another program wrote. */
function responseIn(reply: Buffer): Buffer | undefined {
  const [head] = /^\{"status":\d{3},"response":/.exec(reply.toString('latin1', 0, 40)) ?? [];
  if (head !== undefined && reply.at(-1) === END[0]) return reply.subarray(head.length, -1);
  const written = writtenMembers(reply.toString()).get('response');
  return written === undefined ? undefined : Buffer.from(written);
}

function parseSafely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf({
  code,
  detail,
  outcome: told,
  errors,
  holder,
}: Omit<Extract<z.output<typeof reply>, { code: string }>, 'status'>): Error {
  const options = {
    ...(told !== undefined && { outcome: told }),
    ...(errors !== undefined && { errors }),
    ...(holder !== undefined && { holder }),
  };
  if (isOwn(code) || (code === 'Busy' && holder !== undefined))
    return new GatewayError(code, detail, options);
  if (told === 'rejected') return new RejectedError(code, detail);
  return new GatewayError('Protocol error', `${code}: ${detail}`, options);
}

function isOwn(code: string): code is GatewayErrorCode {
  return Object.hasOwn(GATEWAY_ERRORS, code);
}
