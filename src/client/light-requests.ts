/** Light arrays, which have no place on the WebSocket. */
import { RcspError } from './error.js';
import type { Problem } from './error.js';

/** @throws RcspError */
export async function askLights(
  base: URL,
  token: string | undefined,
  path: string,
  body: object | undefined,
  method: string,
): Promise<unknown> {
  const answer = await fetch(new URL(`v1/lights${path && `/${path}`}`, base), {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new RcspError({
      code: 'Connection lost',
      status: 502,
      detail: String(cause),
      outcome: 'no-answer',
    });
  });
  const json: unknown = await answer.json().catch(() => null);
  if (answer.ok) return json;
  throw new RcspError({ ...(json as Problem | null), status: answer.status });
}
