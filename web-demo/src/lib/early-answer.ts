/** The page's first question, asked while the code that needs the answer is still on its way. */
import { gatewayUrl, storedToken } from './stored-token.js';

let early: { readonly token: string | null; readonly answer: Promise<Response> } | undefined;

/** A link signs somebody in, as whom nothing can be asked yet. */
export function isSignInLink(): boolean {
  return location.hash.startsWith('#sign-in=');
}

/** Asks at once, unless a link signs somebody else in. */
export function askEarly(): void {
  if (isSignInLink()) return;
  const token = storedToken();
  early = { token, answer: ask(token) };
  // Whoever uses the answer is told that there is none.
  early.answer.catch(() => undefined);
}

/** `GET /live` with this token (null: none): the early answer, once, where it is about this token. @throws TypeError */
export function liveAnswer(token: string | null): Promise<Response> {
  const asked = early?.token === token ? early.answer : undefined;
  early = undefined;
  return asked ?? ask(token);
}

function ask(token: string | null): Promise<Response> {
  return fetch(gatewayUrl('live'), {
    cache: 'no-store',
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });
}
