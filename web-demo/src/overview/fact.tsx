import type { JSX, ReactNode } from 'react';

interface FactProps {
  readonly term: string;
  readonly children: ReactNode;
}

/** One line of a list of facts: belongs in a `dl`. */
export function Fact({ term, children }: FactProps): JSX.Element {
  return (
    <div>
      <dt>{term}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}
