/** The file cannot be used; the message begins with its path. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError';
}
