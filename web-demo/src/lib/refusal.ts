import { liveAnswer } from './early-answer.js';
import { problemOf } from './gateway.js';

export interface Refusal {
  readonly text: string;
  /** False when the gateway could not be asked. */
  readonly isFinal: boolean;
}

/**
 * Why the gateway refuses this token (null: no token); undefined when it accepts it. Uses a route that answers 200
 * in both cases, since browsers log a 401 as an error of the page.
 */
export async function refusalOf(token: string | null): Promise<Refusal | undefined> {
  try {
    const response = await liveAnswer(token);
    const body: unknown = await response.json().catch(() => undefined);
    return refusedBy(response.status, body);
  } catch (error) {
    // Such a token is not valid in a header.
    if (token !== null && !/^[\x21-\x7e]+$/.test(token)) return { text: UNKNOWN, isFinal: true };
    return { text: error instanceof TypeError ? AWAY : String(error), isFinal: false };
  }
}

const UNKNOWN = 'The gateway does not know this token: it is mistyped, revoked or expired.';
const AWAY = 'The gateway cannot be reached. Check the network and try again.';

function refusedBy(status: number, body: unknown): Refusal | undefined {
  const { detail } = problemOf({ status, body });
  switch (status) {
    case 200:
      return answerOf(body);
    case 403:
      return { text: `The gateway does not allow this: ${detail}`, isFinal: true };
    case 429:
      // The limit applies to wrong tokens only: a valid token is still accepted.
      return { text: 'Too many wrong tokens. Wait a minute and try again.', isFinal: true };
    case 503:
      return {
        text: `The gateway is there and cannot answer now: ${detail} Try again in a moment.`,
        isFinal: false,
      };
    default:
      return { text: `The gateway answered ${status}. ${detail}`, isFinal: false };
  }
}

function answerOf(body: unknown): Refusal | undefined {
  if (typeof body !== 'object' || body === null || !('mayRead' in body)) {
    return { text: 'What answers at this address is no gateway.', isFinal: false };
  }
  return body.mayRead === true ? undefined : { text: UNKNOWN, isFinal: true };
}
