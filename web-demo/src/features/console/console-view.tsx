import { Loader, Stack, Text, Title } from '@mantine/core';
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

/** Every command by hand. `command` is chosen in the address. */
export function ConsoleView({ command }: { readonly command: string | undefined }): JSX.Element {
  const { query, operations } = useOperations();
  const [calls, setCalls] = useState(storedCalls);
  const [restored, setRestored] = useState<Restored>();
  const [, go] = useLocation();
  const keep = (call: Call): void => setCalls((known) => storeCalls([call, ...known]));
  const restore = (call: Call): void => {
    setRestored((before) => ({ call, turn: (before?.turn ?? 0) + 1 }));
    go(`/console/${encodeURIComponent(call.operation)}`);
    scrollTo({ top: 0 });
  };
  return (
    <Stack>
      <Title order={1}>Console</Title>
      {query.isPending && <Loader aria-label="Loading the commands" />}
      {query.error !== null && <ProblemAlert error={query.error} />}
      {operations.length > 0 && (
        <div className={styles.columns}>
          <CommandList operations={operations} chosen={command} />
          <Stack gap="xl">
            <Chosen operations={operations} command={command} restored={restored} onCall={keep} />
            <HistoryList calls={calls} onRestore={restore} onClear={() => setCalls(storeCalls([]))} />
          </Stack>
        </div>
      )}
    </Stack>
  );
}

/** The same call can be brought back again after its form was changed. */
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
    return <Text c="dimmed">Choose a command, or type a part of its name and press Enter.</Text>;
  }
  const operation = operations.find(({ id }) => id === command);
  if (operation === undefined) {
    return (
      <Text>
        The gateway knows no command called {command}. It may be one that only another studio lists, or the
        studio is away.
      </Text>
    );
  }
  const mine = restored?.call.operation === operation.id ? restored : undefined;
  return (
    <CommandPane
      key={`${operation.id} ${mine?.turn ?? ''}`}
      operation={operation}
      restored={mine?.call}
      onCall={onCall}
    />
  );
}
