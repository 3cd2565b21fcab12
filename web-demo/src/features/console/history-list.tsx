import type { JSX } from 'react';
import { Button } from '../../components/button.js';
import { clockText, millisecondsText } from '../../lib/times.js';
import { StatusBadge } from './answer-view.js';
import type { Call } from './history.js';
import { deviceOf } from './request.js';
import styles from './console.module.css';

interface HistoryListProps {
  readonly calls: readonly Call[];
  readonly onRestore: (call: Call) => void;
  readonly onClear: () => void;
}

export function HistoryList({ calls, onRestore, onClear }: HistoryListProps): JSX.Element {
  return (
    <section aria-labelledby="console-history" className={styles['stack']}>
      <div className={styles['row']}>
        <h2 id="console-history">History</h2>
        {calls.length > 0 && (
          <Button look="plain" onClick={onClear}>
            Clear
          </Button>
        )}
      </div>
      {calls.length === 0 ? (
        <p className="dim">None yet. What you send is listed here, the last 50, until the tab is closed.</p>
      ) : (
        <ol className={styles['calls']}>
          {calls.map((call) => (
            <CallRow key={call.id} call={call} onRestore={onRestore} />
          ))}
        </ol>
      )}
    </section>
  );
}

interface CallRowProps {
  readonly call: Call;
  readonly onRestore: (call: Call) => void;
}

function CallRow({ call, onRestore }: CallRowProps): JSX.Element {
  const { at, operation, status, durationMs, data } = call;
  const time = clockText(at);
  const device = deviceOf(data);
  return (
    <li className={`${styles['row']} wrap-anywhere`}>
      <span className="mono">{time}</span>
      <StatusBadge status={status} />
      <strong>{operation}</strong>
      {device !== undefined && <span>device {device}</span>}
      <span className="dim">{millisecondsText(durationMs)}</span>
      <Button
        look="plain"
        className={styles['end']}
        onClick={() => onRestore(call)}
        aria-label={`Use again ${operation} of ${time}`}
      >
        Use again
      </Button>
    </li>
  );
}
