import { useEffect } from 'react';
import type { JSX } from 'react';
import { Notice } from '../../components/notice.js';
import type { Outage, Recovery } from '../../lib/link-store.js';
import { useLink, useStudio } from '../../lib/studio.js';
import { clockText, durationText } from '../../lib/times.js';
import styles from './frame.module.css';

/** How long the news of a recovery stays. */
const RECOVERY_MS = 8000;
/** Channels with gaps that are named; the rest is counted. */
const MAX_NAMED_GAPS = 3;

/** What the top bar has no room for: why it is offline, what was missed, blocked WebSockets. */
export function Banner(): JSX.Element {
  const { link: store } = useStudio();
  const { outage, recovery, isWebSocketBlocked, upstream } = useLink();
  const dismissRecovery = (): void => store.acknowledge();
  useEffect(() => {
    if (recovery === undefined) return undefined;
    const timer = setTimeout(() => store.acknowledge(), RECOVERY_MS);
    return () => clearTimeout(timer);
  }, [store, recovery]);
  return (
    <>
      {isWebSocketBlocked && (
        <Notice level="warn" role="status" title="WebSockets are blocked" className={styles['news'] ?? ''}>
          <p>
            Something between this page and the gateway lets no WebSocket through. Commands and events use
            HTTP; a WebSocket is tried again every minute.
          </p>
        </Notice>
      )}
      {outage !== undefined && (
        <p className={`dim ${styles['news']}`}>{outageText(outage, upstream?.studio)}</p>
      )}
      {outage === undefined && recovery !== undefined && (
        <Notice
          level="ok"
          role="status"
          title="Connected again"
          className={styles['news'] ?? ''}
          onClose={dismissRecovery}
        >
          <p>{recoveryText(recovery)}</p>
        </Notice>
      )}
    </>
  );
}

function outageText({ where, since }: Outage, studio = 'the studio'): string {
  const why = {
    page: 'It connects again by itself.',
    gateway: 'The page keeps trying by itself.',
    studio: `The gateway cannot reach ${studio}, and keeps trying by itself.`,
  }[where];
  return `${why} Not live since ${clockText(since)}: commands are not sent until the connection is back.`;
}

/** Followed by the duration. */
const PAST_OUTAGES = {
  page: 'The page was asleep',
  gateway: 'The page had no connection to the gateway',
  studio: 'The studio was away',
} as const satisfies Record<Outage['where'], string>;

function recoveryText({ at, since, where, gaps }: Recovery): string {
  const past = `${PAST_OUTAGES[where]} for ${durationText(at - since)}.`;
  if (gaps.length === 0) return `${past} No event was missed.`;
  const rest = gaps.length - MAX_NAMED_GAPS;
  const more = rest > 0 ? ` and ${rest} more channels` : '';
  const named = `${gaps.slice(0, MAX_NAMED_GAPS).join(', ')}${more}`;
  return `${past} The devices were read anew; events may have been missed on ${named} between ${clockText(since)} and ${clockText(at)}.`;
}
