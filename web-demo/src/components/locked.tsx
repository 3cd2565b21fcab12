import { createContext, use } from 'react';
import type { JSX, ReactNode } from 'react';
import { useMay } from '../lib/access.js';
import type { May, Scope } from '../lib/access.js';
import { Icon } from './icon.js';
import styles from './locked.module.css';
import { TakeControl } from './take-control.js';

/** Why something around is locked, where that is said already. */
const SaidContext = createContext<May['why']>(undefined);

interface LockedProps {
  /** What the commands inside need. */
  readonly scope: Scope;
  readonly children: ReactNode;
}

/**
 * Controls that send commands. While the gateway would refuse them, every form control inside is disabled, and the
 * reason stands above, unless it is said around. Controls that are no form controls (sliders, links) ask `useMay`
 * for themselves.
 */
export function Locked({ scope, children }: LockedProps): JSX.Element {
  const may = useMay(scope);
  const isSaid = useIsSaid(may);
  return (
    <Said may={may}>
      {!isSaid && <LockNotice may={may} />}
      <fieldset disabled={!may.isAllowed} className={styles['controls']}>
        {children}
      </fieldset>
    </Said>
  );
}

/** Whether it is said around already why this cannot be done. */
export function useIsSaid({ why }: May): boolean {
  return why !== undefined && use(SaidContext) === why;
}

/** What is locked inside needs not say why again: a notice of this stands somewhere inside. */
export function Said({ may, children }: { readonly may: May; readonly children: ReactNode }): JSX.Element {
  const said = use(SaidContext);
  return <SaidContext value={may.why ?? said}>{children}</SaidContext>;
}

/** Why something cannot be done; where it is for want of control, with the button that takes it. */
export function LockNotice({ may }: { readonly may: May }): JSX.Element | null {
  if (may.isAllowed || may.why === 'asking') return null;
  return (
    <div className={styles['notice']} role="note">
      <Icon name="lock" />
      <span className={styles['reason']}>{may.reason}</span>
      {may.why !== 'scope' && <TakeControl />}
    </div>
  );
}
