/** What is asked of the gateway before the page's own code is there. Each is used once. */
import { isSignInLink } from './early-answer.js';
import { storedToken } from './stored-token.js';
import { refusalOf } from './refusal.js';
import type { Refusal } from './refusal.js';
import { RunningStudio } from './running-studio.js';

interface Early {
  readonly token: string | null;
  readonly refusal: Promise<Refusal | undefined>;
}

let early: Early | undefined;
let running: RunningStudio | undefined;

/** Begins, unless a link signs somebody else in. */
export function startEarly(): void {
  if (isSignInLink()) return;
  const token = storedToken();
  const refusal = refusalOf(token).then((found) => {
    if (found === undefined) running = new RunningStudio();
    return found;
  });
  early = { token, refusal };
}

/** Whether the gateway has let us in already. */
export function isLetIn(): boolean {
  return running !== undefined && running.token === storedToken();
}

/** As `refusalOf`: with the answer to the early question where it was about this token. */
export function firstRefusalOf(token: string | null): Promise<Refusal | undefined> {
  const asked = early?.token === token ? early.refusal : undefined;
  early = undefined;
  return asked ?? refusalOf(token);
}

/** The studio that was started early, or a new one. */
export function takeStudio(): RunningStudio {
  const taken = running?.token === storedToken() ? running : undefined;
  if (taken === undefined) running?.close();
  running = undefined;
  return taken ?? new RunningStudio();
}
