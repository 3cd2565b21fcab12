import type { RcspErrorCode } from '../errors/errors.js';

/** A command is refused: becomes a `response_error` with this code and message. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: RcspErrorCode;

  constructor(code: RcspErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
