import { createContext, use } from 'react';
import type { JSX, ReactNode } from 'react';
import { useMay } from '../lib/access.js';
import type { May, Scope } from '../lib/access.js';
import { Icon } from './icon.js';
import styles from './locked.module.css';
import { TakeControl } from './take-control.js';

/** What an outer `Locked` says already. */
const SaidContext = createContext('');

interface LockedProps {
  /** What the commands inside need. */
  readonly scope: Scope;
  readonly children: ReactNode;
}

/**
 * Controls that send commands. While the gateway would refuse them, every form control inside is disabled, and the
 * reason stands above. Controls that are no form controls (sliders, links) ask `useMay` for themselves.
 */
export function Locked({ scope, children }: LockedProps): JSX.Element {
  const may = useMay(scope);
  const said = use(SaidContext);
  const reason = may.reason ?? '';
  return (
    <SaidContext value={reason === '' ? said : reason}>
      {reason !== '' && reason !== said && <LockNotice may={may} />}
      <fieldset disabled={!may.isAllowed} className={styles['controls']}>
        {children}
      </fieldset>
    </SaidContext>
  );
}

/** Why something cannot be done; where somebody else has control, with the button that takes it over. */
export function LockNotice({ may }: { readonly may: May }): JSX.Element | null {
  if (may.isAllowed || may.why === 'asking') return null;
  return (
    <div className={styles['notice']} role="note">
      <Icon name="lock" />
      <span className={styles['reason']}>{may.reason}</span>
      {may.why === 'held' && <TakeControl />}
    </div>
  );
}
