import { memo, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { Button } from '../../components/button.js';
import { clockText } from '../../lib/times.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { LEVELS, MAX_LINES } from './log-store.js';
import type { LogRow } from './log-store.js';
import { Section } from './section.js';
import { useLogStore } from './use-log-store.js';

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
    <Section title="Device log" hint={`The newest ${MAX_LINES} lines.`} isInner>
      <div className={styles['row']}>
        <div role="group" aria-label="Levels to show" className={styles['levels']}>
          {LEVELS.map((level) => (
            <label key={level}>
              <input
                type="checkbox"
                checked={levels.includes(level)}
                onChange={({ currentTarget: { checked } }) =>
                  setLevels(checked ? [...levels, level] : levels.filter((each) => each !== level))
                }
              />
              {level}
            </label>
          ))}
        </div>
        <Button onClick={() => setFrozen(frozen === undefined ? all : undefined)}>
          {frozen === undefined ? 'Pause' : 'Go on'}
        </Button>
        <Button
          onClick={() => {
            store.clear();
            setFrozen(undefined);
          }}
        >
          Clear
        </Button>
      </div>
      <Rows rows={rows} />
      <p role="status" className={styles['hint']}>
        {[blocked, frozen !== undefined && `Paused: ${waiting} more ${waiting === 1 ? 'line' : 'lines'}.`]
          .filter((each) => typeof each === 'string')
          .join(' ')}
      </p>
    </Section>
  );
}

function countAfter(rows: readonly LogRow[], key: number): number {
  return rows.filter((row) => row.key > key).length;
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
        <span className="dim">Nothing yet.</span>
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
      <span className={styles['source']}>{row.source}</span>
    </div>
  );
});
