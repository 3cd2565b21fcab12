import { useState } from 'react';
import type { JSX } from 'react';
import { Popover } from '../../components/popover.js';
import { TakeControl } from '../../components/take-control.js';
import { holderText, includes, sentenceOf, useAccess } from '../../lib/access.js';
import type { Access } from '../../lib/access-store.js';

/** In the top bar: who has the control lease. Nothing where the gateway has none. */
export function ControlChip(): JSX.Element | null {
  const { me, lease } = useAccess();
  const losses = useLosses(lease.takenBy);
  if (me?.hasLease !== true || lease.state === undefined) return null;
  const { holder } = lease.state;
  const isOurs = holder !== null && holder === lease.ownName;
  const tint = isOurs ? 'own' : lease.takenBy === undefined ? undefined : 'warn';
  const text = isOurs
    ? 'You have control'
    : holder === null
      ? 'Nobody has control'
      : `${holderText(holder)} has control`;
  return (
    <section aria-label="Control" style={{ display: 'contents' }}>
      <Popover icon="control" text={text} tint={tint} alarm={losses}>
        <p role="status">{sentence(lease, isOurs)}</p>
        {includes(me.scope, 'control') ? (
          <TakeControl />
        ) : (
          <p>{sentenceOf(me)} Control needs the scope control.</p>
        )}
      </Popover>
    </section>
  );
}

function sentence({ state, takenBy }: Access['lease'], isOurs: boolean): string {
  const holder = state?.holder ?? null;
  if (isOurs) return 'You have control. Nobody else can change anything until you release it.';
  if (takenBy === 'nobody')
    return 'Your control has ended. Your next change takes it again, while it is free.';
  if (takenBy !== undefined) return `${holderText(takenBy)} took control from you.`;
  if (holder === null) return 'Nobody has control. Your first change takes it.';
  return `${holderText(holder)} has control. Only they can change anything.`;
}

/** Counts how often control was lost. */
function useLosses(takenBy: string | undefined): number {
  const [seen, setSeen] = useState({ takenBy, losses: 0 });
  if (seen.takenBy === takenBy) return seen.losses;
  const losses = seen.losses + (takenBy === undefined ? 0 : 1);
  setSeen({ takenBy, losses });
  return losses;
}
