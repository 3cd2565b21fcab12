import type { RcspErrorCode } from '../errors/errors.js';

/** Refuses a command: the client receives a `response_error` with this code and message. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: RcspErrorCode;

  constructor(code: RcspErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
