import { Button, Checkbox, Group, Text } from '@mantine/core';
import { memo, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { useStudio } from '../../lib/studio.js';
import { clockText } from '../../lib/times.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { lineGapText, LEVELS, LogStore, MAX_LINES } from './log-store.js';
import type { LogRow } from './log-store.js';
import { Section } from './section.js';

/** The device's log, newest line at the bottom. */
export function LogTail(): JSX.Element {
  const { blocked } = useDeviceScope();
  const store = useLogStore();
  const all = useSyncExternalStore(store.subscribe, store.snapshot);
  const [levels, setLevels] = useState<readonly string[]>(LEVELS);
  const [frozen, setFrozen] = useState<readonly LogRow[]>();
  // Unknown levels are never hidden.
  const rows = (frozen ?? all).filter(
    ({ level }) => levels.includes(level) || !LEVELS.some((l) => l === level),
  );
  const waiting = frozen === undefined ? 0 : countAfter(all, frozen.at(-1)?.key ?? 0);
  return (
    <Section title="Device log" hint={`The newest ${MAX_LINES} lines since this view was opened.`}>
      <Group gap="sm" mb="sm" justify="space-between">
        <Checkbox.Group value={[...levels]} onChange={setLevels} aria-label="Levels to show">
          <Group gap="sm">
            {LEVELS.map((level) => (
              <Checkbox key={level} value={level} label={level} size="sm" />
            ))}
          </Group>
        </Checkbox.Group>
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => setFrozen(frozen === undefined ? all : undefined)}
          >
            {frozen === undefined ? 'Pause' : 'Go on'}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              store.clear();
              setFrozen(undefined);
            }}
          >
            Clear
          </Button>
        </Group>
      </Group>
      <Rows rows={rows} />
      <Text size="sm" mt="xs" role="status">
        {[blocked, frozen !== undefined && `Paused: ${waiting} more ${waiting === 1 ? 'line' : 'lines'}.`]
          .filter((each) => typeof each === 'string')
          .join(' ')}
      </Text>
    </Section>
  );
}

function countAfter(rows: readonly LogRow[], key: number): number {
  return rows.filter((row) => row.key > key).length;
}

function useLogStore(): LogStore {
  const { client } = useStudio();
  const { id } = useDeviceScope();
  const [store] = useState(() => new LogStore());
  useEffect(() => {
    const prefix = `devices/${id}/DeviceLogs/` as const;
    const stop = client.subscribe(`${prefix}*`, {}, ({ event: { Topic, EventData }, receivedAt }) => {
      const { text, source } = parseLogLine(EventData);
      store.add({ kind: 'line', at: receivedAt, level: Topic, text, source });
    });
    const stopGaps = client.on('gap', (gap) => {
      if (!gap.channel.startsWith(prefix)) return;
      store.add({ kind: 'gap', level: gap.channel.slice(prefix.length), text: lineGapText(gap) });
    });
    return () => {
      stop();
      stopGaps();
      store.stop();
    };
  }, [client, id, store]);
  return store;
}

/** Data that is not a log line is shown as JSON. */
function parseLogLine(data: unknown): { text: string; source: string } {
  if (typeof data !== 'object' || data === null) return { text: JSON.stringify(data), source: '' };
  const text = 'LogMsg' in data && typeof data.LogMsg === 'string' ? data.LogMsg : JSON.stringify(data);
  const source = 'SrcLocation' in data && typeof data.SrcLocation === 'string' ? data.SrcLocation : '';
  return { text, source };
}

/** Follows the newest line unless the user has scrolled up. */
function Rows({ rows }: { readonly rows: readonly LogRow[] }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (isAtEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [rows]);
  return (
    <div
      ref={box}
      className={styles['log']}
      role="log"
      aria-live="off"
      aria-label="Lines of the device log"
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
    >
      {rows.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing yet.
        </Text>
      ) : (
        rows.map((row) => <Row key={row.key} row={row} />)
      )}
    </div>
  );
}

const Row = memo(function Row({ row }: { readonly row: LogRow }): JSX.Element {
  if (row.kind === 'gap') {
    return (
      <div className={styles['gap']}>
        {row.level}: {row.text}
      </div>
    );
  }
  return (
    <div className={styles['line']}>
      <span className="mono">{clockText(row.at)}</span>
      <span className={styles['level']} data-level={row.level}>
        {row.level}
      </span>
      <span className={styles['message']}>{row.text}</span>
      <Text component="span" size="xs" c="dimmed">
        {row.source}
      </Text>
    </div>
  );
});
