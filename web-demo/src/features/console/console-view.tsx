import { useState } from 'react';
import type { JSX } from 'react';
import { useLocation } from 'wouter';
import { ProblemAlert } from '../../components/problem-alert.js';
import { CommandList } from './command-list.js';
import { CommandPane } from './command-pane.js';
import { HistoryList } from './history-list.js';
import { storeCalls, storedCalls } from './history.js';
import type { Call } from './history.js';
import type { Operation } from './operations.js';
import { useOperations } from './use-operations.js';
import styles from './console.module.css';

/** Sends any command by hand. The address names `command`. */
export function ConsoleView({ command }: { readonly command: string | undefined }): JSX.Element {
  const { query, operations } = useOperations();
  const [calls, setCalls] = useState(storedCalls);
  const [restored, setRestored] = useState<Restored>();
  const [, navigate] = useLocation();
  const keep = (call: Call): void => setCalls((known) => storeCalls([call, ...known]));
  const restore = (call: Call): void => {
    setRestored((before) => ({ call, turn: (before?.turn ?? 0) + 1 }));
    navigate(`/console/${encodeURIComponent(call.operation)}`);
    scrollTo({ top: 0 });
  };
  return (
    <div className={styles['view']}>
      <h1 className="unseen">Console</h1>
      {query.isPending && <p className="dim">Loading the commands…</p>}
      {query.error !== null && <ProblemAlert error={query.error} />}
      {operations.length > 0 && (
        <div className={styles.columns}>
          <CommandList operations={operations} chosen={command} />
          <div className={styles['main']}>
            <Chosen operations={operations} command={command} restored={restored} onCall={keep} />
            <HistoryList calls={calls} onRestore={restore} onClear={() => setCalls(storeCalls([]))} />
          </div>
        </div>
      )}
    </div>
  );
}

/** `turn` allows restoring the same call again after its form was changed. */
interface Restored {
  readonly call: Call;
  readonly turn: number;
}

interface ChosenProps {
  readonly operations: readonly Operation[];
  readonly command: string | undefined;
  readonly restored: Restored | undefined;
  readonly onCall: (call: Call) => void;
}

function Chosen({ operations, command, restored, onCall }: ChosenProps): JSX.Element {
  if (command === undefined) {
    return <p className="dim">Choose a command, or type a part of its name and press Enter.</p>;
  }
  const operation = operations.find(({ id }) => id === command);
  if (operation === undefined) {
    return (
      <p>
        The gateway knows no command called {command}. It may be one that only another studio lists, or the
        studio is away.
      </p>
    );
  }
  const restoredHere = restored?.call.operation === operation.id ? restored : undefined;
  return (
    <CommandPane
      key={`${operation.id} ${restoredHere?.turn ?? ''}`}
      operation={operation}
      restored={restoredHere?.call}
      onCall={onCall}
    />
  );
}
