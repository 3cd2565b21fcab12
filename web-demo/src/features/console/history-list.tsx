import { Button, Group, Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
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
    <Stack gap="sm" component="section" aria-labelledby="console-history" className={styles.request}>
      <Group justify="space-between">
        <Title order={2} size="h4" id="console-history">
          Calls of this tab
        </Title>
        {calls.length > 0 && (
          <Button variant="default" size="xs" onClick={onClear}>
            Clear
          </Button>
        )}
      </Group>
      {calls.length === 0 ? (
        <Text size="sm" c="dimmed">
          None yet. What you send is listed here, the last 50, until the tab is closed.
        </Text>
      ) : (
        <Stack gap={0} component="ol" m={0} p={0} className={styles.calls}>
          {calls.map((call) => (
            <CallRow key={call.id} call={call} onRestore={onRestore} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function CallRow({
  call,
  onRestore,
}: {
  readonly call: Call;
  readonly onRestore: (call: Call) => void;
}): JSX.Element {
  const { at, operation, status, durationMs, data } = call;
  const time = clockText(at);
  const device = deviceOf(data);
  return (
    <Group component="li" gap="sm" py={6} wrap="wrap" className="wrap-anywhere">
      <Text size="sm" className="mono">
        {time}
      </Text>
      <StatusBadge status={status} />
      <Text size="sm" fw={600}>
        {operation}
      </Text>
      {device !== undefined && <Text size="sm">device {device}</Text>}
      <Text size="sm" c="dimmed">
        {millisecondsText(durationMs)}
      </Text>
      <Button
        variant="default"
        size="xs"
        ml="auto"
        onClick={() => onRestore(call)}
        aria-label={`Bring back ${operation} of ${time}`}
      >
        Bring back
      </Button>
    </Group>
  );
}
