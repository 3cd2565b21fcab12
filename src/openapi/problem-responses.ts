/** The error answers, from the table of errors: one response a status. */
import { GATEWAY_ERRORS, RCSP_ERRORS } from '../errors/errors.js';

type Responses = Record<string, Record<string, unknown>>;

const NAMES: Readonly<Record<number, string>> = {
  400: 'InvalidRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  413: 'PayloadTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Unsupported',
  429: 'TooManyRequests',
  500: 'InternalError',
  502: 'BadGateway',
  503: 'Unavailable',
  504: 'Timeout',
};

/** What only a request with a body can meet. */
const BODY_ONLY = ['413', '415'];

/** References for an operation: every status that its requests can meet. */
export function problemResponses({ hasBody }: { readonly hasBody: boolean }): Record<string, unknown> {
  const statuses = Object.keys(NAMES).filter((status) => hasBody || !BODY_ONLY.includes(status));
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/${NAMES[Number(status)]}` }]),
  );
}

/** The same for a route of the gateway's own, which does not reach the studio. */
export function ownProblemResponses(request: { readonly hasBody: boolean }): Record<string, unknown> {
  const all = problemResponses(request);
  return Object.fromEntries(
    Object.entries(all).filter(([status]) => Number(status) < 500 && status !== '422'),
  );
}

/** The responses themselves; each lists its codes with what to do about them. */
export function problemComponents(): Responses {
  const rows = Object.entries({ ...RCSP_ERRORS, ...GATEWAY_ERRORS });
  return Object.fromEntries(
    Object.entries(NAMES).map(([status, name]) => {
      const own = rows.filter(([, row]) => row.status === Number(status));
      const waits = own.some(([, row]) => 'retryAfter' in row);
      return [
        name,
        problemResponse(
          own.map(([code, row]) => ({ code, meaning: row.meaning })),
          Number(status),
          waits,
        ),
      ];
    }),
  );
}

function problemResponse(
  codes: readonly { code: string; meaning: string }[],
  status: number,
  waits: boolean,
): Record<string, unknown> {
  const examples = codes.map(({ code, meaning }) => [
    code.replaceAll(' ', ''),
    { summary: code, value: exampleProblem(code, meaning, status) },
  ]);
  return {
    description: codes.map(({ code, meaning }) => `- \`${code}\`: ${meaning}`).join('\n'),
    headers: {
      'X-Track-Id': { $ref: '#/components/headers/TrackId' },
      'Server-Timing': { $ref: '#/components/headers/ServerTiming' },
      ...(waits && { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }),
    },
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(examples) as Record<string, unknown>,
      },
    },
  };
}

function exampleProblem(code: string, detail: string, status: number): Record<string, unknown> {
  return {
    type: `urn:rcsp-gateway:problem:${code.toLowerCase().replaceAll(' ', '-')}`,
    title: code,
    status,
    detail,
    code,
    command: 'GetDeviceName',
    trackId: '9f3a61c2-2d',
    outcome: code in RCSP_ERRORS ? 'rejected' : status === 502 || status === 504 ? 'no-answer' : 'not-sent',
  };
}
