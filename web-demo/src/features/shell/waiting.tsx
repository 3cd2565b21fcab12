import type { JSX } from 'react';
import { Button } from '../../components/button.js';

interface WaitingProps {
  /** Why the gateway has not answered; undefined during the first attempt. */
  readonly problem: string | undefined;
  readonly onRetry: () => void;
}

/** Shown until the gateway has accepted or refused the token. */
export function Waiting({ problem, onRetry }: WaitingProps): JSX.Element {
  return (
    <main style={{ display: 'grid', placeContent: 'center', minHeight: '100dvh', padding: '1rem' }}>
      {problem === undefined ? (
        <p className="dim" role="status">
          Asking the gateway…
        </p>
      ) : (
        <div role="alert" style={{ maxWidth: '26rem' }}>
          <h1>No answer from the gateway</h1>
          <p className="wrap-anywhere">{problem}</p>
          <p>The page keeps trying by itself.</p>
          <Button onClick={onRetry}>Try again now</Button>
        </div>
      )}
    </main>
  );
}
