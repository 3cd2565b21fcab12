import { Alert } from '@mantine/core';
import { useEffect } from 'react';
import type { JSX } from 'react';
import { Clock } from '../../components/clock.js';
import type { Link, Outage, Recovery } from '../../lib/link-store.js';
import { useLink, useStudio } from '../../lib/studio.js';
import { durationText } from '../../lib/times.js';

/** How long the alert about a recovery stays. */
const RECOVERY_MS = 8000;
/** Channels with gaps that are named; the rest is counted. */
const MAX_NAMED_GAPS = 3;

/** Shows an outage above every view, and its end. */
export function Banner(): JSX.Element {
  const { link: store } = useStudio();
  const link = useLink();
  const { outage, recovery, isWebSocketBlocked } = link;
  useEffect(() => {
    if (recovery === undefined) return undefined;
    const timer = setTimeout(() => store.acknowledge(), RECOVERY_MS);
    return () => clearTimeout(timer);
  }, [store, recovery]);
  return (
    <>
      {isWebSocketBlocked && (
        <Alert color="yellow" variant="outline" mb="md" role="status" title="WebSockets are blocked">
          Something between this page and the gateway lets no WebSocket through. Commands and events use HTTP;
          a WebSocket is tried again every minute.
        </Alert>
      )}
      {outage !== undefined && <OutageAlert outage={outage} link={link} />}
      {outage === undefined && recovery !== undefined && (
        <RecoveryAlert recovery={recovery} onClose={() => store.acknowledge()} />
      )}
    </>
  );
}

const OUTAGE_ALERTS = {
  page: { color: 'indigo', title: 'The page was asleep' },
  gateway: { color: 'red', title: 'No connection to the gateway' },
  studio: { color: 'red', title: 'The studio is away' },
} as const satisfies Record<Outage['where'], object>;

function OutageAlert({ outage: { where, since }, link }: { outage: Outage; link: Link }): JSX.Element {
  return (
    <Alert variant="outline" mb="md" {...OUTAGE_ALERTS[where]}>
      {where === 'page' && 'It connects again by itself. '}
      {where === 'gateway' && 'The page keeps trying by itself. '}
      {where === 'studio' &&
        `The gateway cannot reach ${link.upstream?.studio ?? 'the studio'}. It keeps trying by itself. `}
      Not live since <Clock at={since} />: what you see is how things stood then, and commands are not sent
      until the connection is back.
    </Alert>
  );
}

/** Followed by the duration. */
const PAST_OUTAGES = {
  page: 'The page was asleep',
  gateway: 'The page had no connection to the gateway',
  studio: 'The studio was away',
} as const satisfies Record<Outage['where'], string>;

interface RecoveryAlertProps {
  readonly recovery: Recovery;
  readonly onClose: () => void;
}

function RecoveryAlert({ recovery: { at, since, where, gaps }, onClose }: RecoveryAlertProps): JSX.Element {
  return (
    <Alert
      color="green"
      variant="outline"
      mb="md"
      role="status"
      title="Connected again"
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={onClose}
    >
      {PAST_OUTAGES[where]} for {durationText(at - since)}. {gapsText(gaps)}
    </Alert>
  );
}

function gapsText(gaps: readonly string[]): string {
  if (gaps.length === 0) return 'No event was missed.';
  const rest = gaps.length - MAX_NAMED_GAPS;
  const named = gaps.slice(0, MAX_NAMED_GAPS).join(', ');
  return `The devices were read anew; events may have been missed on ${named}${rest > 0 ? ` and ${rest} more channels` : ''}.`;
}
