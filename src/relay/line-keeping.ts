/** What ends lines: revoked tokens, and the end of the relay. */
import type { FastifyInstance } from 'fastify';
import type { JoinTokenStore } from '../access/join-token-file.js';
import { whileBusy } from '../util/while-busy.js';
import type { Lines } from './lines.js';

/** Milliseconds between two checks of the file for changes. */
const POLL_MS = 1000;

/** Join tokens are revoked, and made, while the relay runs. A line ends with its token. */
export function followJoinTokens(app: FastifyInstance, tokens: JoinTokenStore, lines: Lines): void {
  let told: string | undefined;
  const refresh = (isForced: boolean): void => {
    try {
      if (tokens.refresh(isForced)) {
        told = undefined;
        app.log.info('the join tokens were read anew');
      }
    } catch (error) {
      const { message } = error as Error;
      if (message !== told) app.log.error(`no gateway can join until the file can be read: ${message}`);
      told = message;
      // Lines that stand were let in by tokens that were valid: a file that is being written must not end them.
      return;
    }
    const now = Date.now();
    for (const line of lines.all)
      if (!tokens.isStillValid(line.token, now)) line.end('its join token was revoked or has expired');
  };
  app.lifecycle.every(POLL_MS, () => refresh(false));
  app.lifecycle.onReload(() => refresh(true));
}

/** Lets what is in flight finish, for so many milliseconds. */
export async function endLines(lines: Lines, milliseconds: number): Promise<void> {
  await whileBusy(() => lines.all.some(({ streamCount }) => streamCount > 0), milliseconds);
  for (const line of lines.all) line.end('the relay is shutting down');
}
