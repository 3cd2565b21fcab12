import { Alert } from '@mantine/core';
import { useEffect } from 'react';
import type { JSX } from 'react';
import { Clock } from '../../components/clock.js';
import type { Link, Outage, Recovery } from '../../lib/link-store.js';
import { useLink, useStudio } from '../../lib/studio.js';
import { durationText } from '../../lib/times.js';

/** How long the news that everything is back stays. */
const RECOVERY_MS = 8000;
/** Names of channels that are told; the rest is counted. */
const NAMED_GAPS = 3;

/** Says what is not live, why and since when, over every view; and when it is again. */
export function Banner(): JSX.Element {
  const { link: store } = useStudio();
  const link = useLink();
  const { outage, recovery } = link;
  useEffect(() => {
    if (recovery === undefined) return undefined;
    const timer = setTimeout(() => store.acknowledge(), RECOVERY_MS);
    return () => clearTimeout(timer);
  }, [store, recovery]);
  return (
    <>
      {outage !== undefined && <Broken outage={outage} link={link} />}
      {outage === undefined && recovery !== undefined && (
        <Recovered recovery={recovery} onClose={() => store.acknowledge()} />
      )}
    </>
  );
}

const BROKEN = {
  page: { color: 'indigo', title: 'The page was asleep' },
  gateway: { color: 'red', title: 'No connection to the gateway' },
  studio: { color: 'red', title: 'The studio is away' },
} as const satisfies Record<Outage['where'], object>;

function Broken({ outage: { where, since }, link }: { outage: Outage; link: Link }): JSX.Element {
  return (
    <Alert variant="outline" mb="md" {...BROKEN[where]}>
      {where === 'page' && 'It connects again by itself. '}
      {where === 'gateway' && 'The page keeps trying by itself. '}
      {where === 'studio' &&
        `The gateway cannot reach ${link.upstream?.studio ?? 'the studio'}. It keeps trying by itself. `}
      Not live since <Clock at={since} />: what you see is how things stood then, and commands are not sent
      until the connection is back.
    </Alert>
  );
}

/** Followed by for how long. */
const WAS_BROKEN = {
  page: 'The page was asleep',
  gateway: 'The page had no connection to the gateway',
  studio: 'The studio was away',
} as const satisfies Record<Outage['where'], string>;

interface RecoveredProps {
  readonly recovery: Recovery;
  readonly onClose: () => void;
}

function Recovered({ recovery: { at, since, where, gaps }, onClose }: RecoveredProps): JSX.Element {
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
      {WAS_BROKEN[where]} for {durationText(at - since)}. {missedText(gaps)}
    </Alert>
  );
}

function missedText(gaps: readonly string[]): string {
  if (gaps.length === 0) return 'No event was missed.';
  const rest = gaps.length - NAMED_GAPS;
  const named = gaps.slice(0, NAMED_GAPS).join(', ');
  return `The devices were read anew; events may have been missed on ${named}${rest > 0 ? ` and ${rest} more channels` : ''}.`;
}
