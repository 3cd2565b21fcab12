import { gatewayUrl, toldDetail } from '../lib/gateway.js';

export interface Refusal {
  readonly text: string;
  /** The gateway has decided; otherwise it could not be asked. */
  readonly isFinal: boolean;
}

/** Why the gateway does not let this token in; undefined when it does. Null: without one. */
export async function refusalOf(token: string | null): Promise<Refusal | undefined> {
  try {
    const response = await fetch(gatewayUrl('v1/jobs'), {
      cache: 'no-store',
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });
    if (response.ok) return undefined;
    const { status } = response;
    const detail = toldDetail(await response.json().catch(() => undefined));
    return { text: textOf(status, detail), isFinal: status === 401 || status === 403 };
  } catch (error) {
    // A header takes no such token.
    if (token !== null && !/^[\x21-\x7e]+$/.test(token)) return { text: UNKNOWN, isFinal: true };
    return { text: error instanceof TypeError ? AWAY : String(error), isFinal: false };
  }
}

const UNKNOWN = 'The gateway does not know this token: it is mistyped, revoked or expired.';
const AWAY = 'The gateway cannot be reached. Check the network and try again.';

function textOf(status: number, detail: string): string {
  switch (status) {
    case 401:
      return UNKNOWN;
    case 403:
      return `The gateway does not allow this: ${detail}`;
    case 429:
      return 'Too many wrong tokens. Wait a minute and try again.';
    case 503:
      return `The gateway is there and cannot answer now: ${detail} Try again in a moment.`;
    default:
      return `The gateway answered ${status}. ${detail}`;
  }
}
