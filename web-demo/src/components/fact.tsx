import type { JSX, ReactNode } from 'react';
import styles from './fact.module.css';

interface FactProps {
  readonly term: string;
  readonly children: ReactNode;
}

/** One line of a list of facts: belongs in a `FactList`. */
export function Fact({ term, children }: FactProps): JSX.Element {
  return (
    <div>
      <dt>{term}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}

interface FactListProps {
  /** As many facts side by side as there is room for. */
  readonly isWide?: boolean;
  readonly children: ReactNode;
}

export function FactList({ isWide = false, children }: FactListProps): JSX.Element {
  return <dl className={isWide ? `${styles.facts} ${styles.factsWide}` : styles.facts}>{children}</dl>;
}
