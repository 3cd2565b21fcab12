/** Longer than the gateway itself waits for the studio's answer to a quick question. */
const TIMEOUT_MS = 8000;

/**
 * GET, as JSON; the body is undefined when there is none. Any status but success, and `also`, is thrown as an
 * Error whose message a person can read.
 */
export async function ask(path, { also } = {}) {
  const response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = await response.text();
  const body = parse(text);
  if (response.ok || response.status === also) return { status: response.status, body };
  throw new Error(describe(response.status, body));
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A problem (RFC 9457) in one line. */
function describe(status, body) {
  const { code, detail } = body ?? {};
  const parts = [code, detail].filter((part) => typeof part === 'string' && part !== '');
  return parts.length > 0 ? parts.join(': ').replace(/\.$/, '') : `status ${status}`;
}
