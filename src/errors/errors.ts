/**
 * Every way a request can fail, in one table: RCSP's own error codes as the specification lists them,
 * and the gateway's. A code's HTTP status lives here and nowhere else.
 */
import type { Outcome, RequestFault } from '../wire/problem.js';

interface ErrorRow {
  readonly status: number;
  /** Seconds a client should wait before trying again; sent as `Retry-After`. */
  readonly retryAfter?: number;
  /** One sentence for the reader of the documentation: when it happens and what to do. */
  readonly meaning: string;
}

/** Codes of the specification's table. Anything a newer server adds is answered with 502. */
export const RCSP_ERRORS = {
  'Device not found': { status: 404, meaning: 'No device with this DeviceId. List the devices again.' },
  'Sub-device not found': { status: 404, meaning: 'The device has no such part (an LED, a sensor).' },
  'Unknown command': { status: 404, meaning: 'The studio does not know this command.' },
  'Unsupported command': { status: 422, meaning: 'This kind of device does not do that.' },
  'Missing required argument': { status: 400, meaning: 'The studio misses an argument.' },
  'Missing required key': { status: 400, meaning: 'The studio misses a key inside an argument.' },
  'Invalid argument': { status: 400, meaning: 'The studio does not accept an argument.' },
  'Invalid value type': { status: 400, meaning: 'A value has another type than the studio expects.' },
  'Invalid value': { status: 400, meaning: 'A value is out of range for the studio.' },
  Busy: { status: 409, retryAfter: 1, meaning: 'The device is doing something else. Try again.' },
  'Device not available': { status: 409, meaning: 'The device is known and cannot be reached now.' },
  'Device not updatable': { status: 409, meaning: 'The device takes no firmware in its present state.' },
  'Device command error': { status: 502, meaning: 'The device failed to run the command.' },
  'Runtime error': { status: 502, meaning: 'The studio failed while it ran the command.' },
  'Unknown error': { status: 502, meaning: 'The studio failed and does not say why.' },
  'Response too small': { status: 502, meaning: 'The device answered the studio with too few bytes.' },
  'Invalid marker': { status: 502, meaning: 'The studio could not read the frame it was sent.' },
  'Wrong header type': { status: 502, meaning: 'The studio did not expect this type of frame.' },
  'Parse error': { status: 502, meaning: 'The studio could not parse the command it was sent.' },
} as const satisfies Record<string, ErrorRow>;

/** The gateway's own codes. */
export const GATEWAY_ERRORS = {
  'Invalid request': {
    status: 400,
    meaning: 'The request does not fit; `errors` lists each path and reason.',
  },
  Unauthorized: {
    status: 401,
    meaning: 'No token, or none that is valid. See POST /v1/tickets for browsers.',
  },
  Forbidden: {
    status: 403,
    meaning: 'The token lacks the scope, or the host or origin is not allowed; `detail` says which.',
  },
  'Not found': { status: 404, meaning: 'No such route. See /docs.' },
  'Studio not found': {
    status: 404,
    meaning: 'The gateway has no studio of that name; `detail` names those that it has.',
  },
  'Method not allowed': {
    status: 405,
    meaning: 'The route takes other methods; `Allow` lists them. Nothing was sent.',
  },
  'Payload too large': { status: 413, meaning: 'The body is over the limit (`--body-limit`).' },
  'Unsupported media type': {
    status: 415,
    meaning: 'The body is not JSON in UTF-8, or it is compressed; `detail` says what to send.',
  },
  'Too many requests': {
    status: 429,
    retryAfter: 1,
    meaning: 'More than one client may ask for; see `Retry-After`.',
  },
  'Internal error': { status: 500, meaning: 'A defect of the gateway. The log has it under the track id.' },
  'Protocol error': { status: 502, meaning: "The studio's answer broke RCSP. The command may have run." },
  'Connection lost': {
    status: 502,
    meaning: 'The connection died before the answer. The command may have run.',
  },
  'Studio unreachable': {
    status: 503,
    retryAfter: 1,
    meaning: 'No connection to the studio is up; nothing was sent.',
  },
  'Too busy': {
    status: 503,
    retryAfter: 1,
    meaning: 'Too many commands are waiting (`--max-waiting`); nothing was sent.',
  },
  Timeout: {
    status: 504,
    meaning: 'No answer in time. The command may have run, unless `outcome` is `not-sent`.',
  },
} as const satisfies Record<string, ErrorRow>;

export type RcspErrorCode = keyof typeof RCSP_ERRORS;
export type GatewayErrorCode = keyof typeof GATEWAY_ERRORS;

const TABLE: ReadonlyMap<string, ErrorRow> = new Map<string, ErrorRow>([
  ...Object.entries(RCSP_ERRORS),
  ...Object.entries(GATEWAY_ERRORS),
]);

interface GatewayErrorOptions {
  readonly outcome?: Outcome;
  readonly errors?: readonly RequestFault[];
  readonly retryAfter?: number;
  /** Who has what is asked for, when somebody does. */
  readonly holder?: string;
  readonly cause?: unknown;
}

/** A failure with a code of the tables above; `message` is the sentence shown to the user. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: string;
  readonly outcome: Outcome | undefined;
  readonly errors: readonly RequestFault[] | undefined;
  /** Seconds, when waiting helps. */
  readonly retryAfter: number | undefined;
  readonly holder: string | undefined;

  /** `Busy` is the studio's word, and the gateway's where it knows the answer. */
  constructor(code: GatewayErrorCode | 'Busy', detail: string, options: GatewayErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.outcome = options.outcome;
    this.errors = options.errors;
    this.retryAfter = options.retryAfter ?? TABLE.get(code)?.retryAfter;
    this.holder = options.holder;
  }

  get status(): number {
    return statusOf(this.code);
  }
}

/** The studio refused a command: `code` is its own, verbatim, also one that no table lists. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
  readonly outcome = 'rejected';
  readonly code: string;

  constructor(code: string, message: string | undefined) {
    super(message ?? meaningOf(code));
    this.code = code;
  }

  get status(): number {
    return statusOf(this.code);
  }

  get retryAfter(): number | undefined {
    return TABLE.get(this.code)?.retryAfter;
  }
}

function statusOf(code: string): number {
  return TABLE.get(code)?.status ?? 502;
}

function meaningOf(code: string): string {
  return TABLE.get(code)?.meaning ?? 'The studio answered with an error that this gateway does not know.';
}
