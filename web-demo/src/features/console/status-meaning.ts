const MEANINGS: Readonly<Record<number, string>> = {
  200: 'done, with an answer',
  202: 'accepted: it goes on as a job',
  204: 'done, with nothing to tell',
  400: 'the request does not fit the command',
  401: 'no valid token',
  403: 'not allowed',
  404: 'not found',
  409: 'not possible now',
  413: 'the request is too large',
  422: 'not supported by the device',
  423: 'somebody else has control',
  429: 'too many requests',
  500: 'the gateway failed',
  502: 'the studio failed, or its answer made no sense',
  503: 'the studio cannot be reached',
  504: 'no answer in time',
};

/** A short description of an HTTP status. */
export function statusMeaning(status: number): string {
  return MEANINGS[status] ?? (status < 400 ? 'done' : 'failed');
}
