/** What the command line needs to speak to a gateway that runs elsewhere. */

/** `path` below `base`, which may itself have a path (a reverse proxy) and may lack the last slash. */
export function below(base: string, path: string): URL {
  return new URL(path, base.endsWith('/') ? base : `${base}/`);
}

/** undefined, which JSON cannot say, when it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Several addresses tried for one name fail as one error without words; the first of them says enough. */
export function plainError(error: unknown): Error {
  if (error instanceof AggregateError) return plainError(error.errors[0]);
  return error instanceof Error ? error : new Error(String(error));
}

/** Without a token, nothing is sent. */
export function bearer(token: string | undefined): Readonly<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
