import { Button, Group, UnstyledButton } from '@mantine/core';
import { memo } from 'react';
import type { JSX } from 'react';
import { fineClockText } from '../../lib/times.js';
import { exported, gapText, timeOf } from './row.js';
import type { Row } from './row.js';
import styles from './events.module.css';

/** Characters of a collapsed row: more than any screen shows. */
const MAX_TEXT = 400;

interface EventRowViewProps {
  readonly row: Row;
  readonly index: number;
  readonly count: number;
  /** Pixels from the top of the list. */
  readonly start: number;
  readonly isOpen: boolean;
  readonly measure: ((node: HTMLDivElement | null) => void) | undefined;
  readonly onToggle: (key: number, index: number) => void;
  readonly onCopy: (row: Row) => void;
}

export function EventRowView(props: EventRowViewProps): JSX.Element {
  const { row, index, count, start, isOpen, measure, onToggle, onCopy } = props;
  return (
    <div
      ref={measure}
      data-index={index}
      role="listitem"
      aria-posinset={index + 1}
      aria-setsize={count}
      className={row.kind === 'gap' ? `${styles.row} ${styles.gap}` : styles.row}
      style={{ transform: `translateY(${start}px)` }}
    >
      <UnstyledButton className={styles.head} aria-expanded={isOpen} onClick={() => onToggle(row.key, index)}>
        <Head row={row} />
      </UnstyledButton>
      {isOpen && <Detail row={row} onCopy={onCopy} />}
    </div>
  );
}

/** Memoized: scrolling moves rows without changing them. */
const Head = memo(function Head({ row }: { readonly row: Row }): JSX.Element {
  return (
    <>
      <span className={styles.time}>{fineClockText(timeOf(row))}</span>
      {row.kind === 'event' && <span className={styles.channel}>{row.message.channel}</span>}
      <span className={styles.text}>{row.kind === 'event' ? row.text.slice(0, MAX_TEXT) : gapText(row)}</span>
    </>
  );
});

interface DetailProps {
  readonly row: Row;
  readonly onCopy: (row: Row) => void;
}

function Detail({ row, onCopy }: DetailProps): JSX.Element {
  return (
    <>
      <pre className={styles.detail} tabIndex={0} aria-label="Event as JSON">
        {JSON.stringify(exported(row), null, 2)}
      </pre>
      <Group px="sm" pb="xs">
        <Button size="xs" variant="outline" onClick={() => onCopy(row)}>
          Copy as JSON
        </Button>
      </Group>
    </>
  );
}
