import { useState } from 'react';
import type { JSX } from 'react';
import { Popover } from '../../components/popover.js';
import { sentenceOf, useAccess } from '../../lib/access.js';
import { isTokenKept, storedToken, storeToken } from '../../lib/stored-token.js';
import styles from './access.module.css';

const MAY = { read: 'may look', control: 'control', admin: 'admin' } as const;

/** In the top bar: who is signed in, and what they may do. Nothing where nobody has to sign in. */
export function WhoIsHere(): JSX.Element | null {
  const { me } = useAccess();
  if (me === undefined || me.name === null) return null;
  return (
    <Popover icon="person" text={`${me.name} · ${MAY[me.scope]}`}>
      <p>{sentenceOf(me)}</p>
      <KeepToken />
    </Popover>
  );
}

function KeepToken(): JSX.Element {
  const [isKept, setKept] = useState(isTokenKept);
  const change = (isChosen: boolean): void => {
    storeToken(storedToken(), isChosen);
    setKept(isChosen);
  };
  return (
    <label className={styles['keep']}>
      <input
        type="checkbox"
        checked={isKept}
        onChange={({ currentTarget }) => change(currentTarget.checked)}
      />
      <span>
        Stay signed in on this device
        <small>Until you sign out. Not for a device that others use.</small>
      </span>
    </label>
  );
}
