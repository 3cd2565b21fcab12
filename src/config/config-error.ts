/** A setting that cannot be honoured; the message is one line and names it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
