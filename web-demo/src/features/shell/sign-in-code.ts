/** Signing in by a link: its fragment holds a code that works once. */
import { problemOf } from '../../lib/gateway.js';
import { gatewayUrl, storeToken } from '../../lib/stored-token.js';
import type { Refusal } from '../../lib/refusal.js';

const FRAGMENT = /^#sign-in=([A-Za-z0-9_-]+)$/;

/** The code of the address, which loses it: neither the history nor a copied address may hold it. */
export function takeCode(): string | undefined {
  const [, code] = FRAGMENT.exec(location.hash) ?? [];
  if (code !== undefined) history.replaceState(history.state, '', '#/');
  return code;
}

/** Calls `onCode` when a link is opened in a page that is open already. @returns what ends that */
export function watchCodes(onCode: (code: string) => void): () => void {
  const onChange = (): void => {
    const code = takeCode();
    if (code !== undefined) onCode(code);
  };
  // Before the router sees the address.
  window.addEventListener('hashchange', onChange, { capture: true });
  return () => window.removeEventListener('hashchange', onChange, { capture: true });
}

/** Exchanges a code for a session, and keeps it for this tab. @returns why not; undefined when it did */
export async function redeem(code: string): Promise<Refusal | undefined> {
  try {
    const response = await fetch(gatewayUrl('v1/sign-in'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    const body: unknown = await response.json().catch(() => undefined);
    return keep(response.status, body);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { text: 'The gateway cannot be reached.', isFinal: false };
  }
}

function keep(status: number, body: unknown): Refusal | undefined {
  const token: unknown =
    typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  if (status !== 200 || typeof token !== 'string')
    return { text: problemOf({ status, body }).detail, isFinal: status !== 503 };
  storeToken(token);
  return undefined;
}
