import { Button, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { Virtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { JSX, RefObject } from 'react';
import { EventRowView } from './event-row.js';
import type { Row } from './row.js';
import styles from './events.module.css';

/** Height of a collapsed row in pixels, as in the style sheet: on a wide and on a narrow screen. */
const ROW_PX = 36;
const NARROW_ROW_PX = 52;
/** Within this distance from the end, the list follows new rows. */
const END_PX = 48;

interface EventListProps {
  readonly rows: readonly Row[];
  readonly onCopy: (row: Row) => void;
}

/** Draws only the visible rows, and follows the newest row until the reader scrolls up. */
export function EventList({ rows, onCopy }: EventListProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useList(rows, scroller);
  const [isAtEnd, setAtEnd] = useState(true);
  const onScroll = (): void => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = scroller.current ?? {};
    setAtEnd(scrollHeight - scrollTop - clientHeight < END_PX);
  };
  return (
    <div style={{ position: 'relative' }}>
      <div
        ref={scroller}
        className={styles.list}
        onScroll={onScroll}
        tabIndex={0}
        role="region"
        aria-label="Event stream"
      >
        <div
          className={styles.sizer}
          role="list"
          aria-label="Events"
          style={{ height: list.virtual.getTotalSize() }}
        >
          {list.virtual.getVirtualItems().map(({ key, index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const isOpen = list.open.has(row.key);
            return (
              <EventRowView
                key={key}
                row={row}
                index={index}
                count={rows.length}
                start={start}
                isOpen={isOpen}
                measure={isOpen ? list.virtual.measureElement : undefined}
                onToggle={list.toggle}
                onCopy={onCopy}
              />
            );
          })}
        </div>
      </div>
      {!isAtEnd && (
        <JumpButton onJump={() => list.virtual.scrollToIndex(rows.length - 1, { align: 'end' })} />
      )}
    </div>
  );
}

interface List {
  readonly virtual: Virtualizer<HTMLDivElement, HTMLDivElement>;
  /** Keys of the expanded rows. */
  readonly open: ReadonlySet<number>;
  readonly toggle: (key: number, index: number) => void;
}

function useList(rows: readonly Row[], scroller: RefObject<HTMLDivElement | null>): List {
  const isNarrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const rowPx = isNarrow ? NARROW_ROW_PX : ROW_PX;
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const virtual = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => rows[index]?.key ?? -1 - index,
    overscan: 8,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: END_PX,
    useFlushSync: false,
  });
  // Also on mount: `followOnAppend` does not apply to the rows that the list starts with.
  useEffect(() => {
    setOpen(new Set());
    virtual.measure();
    virtual.scrollToEnd();
  }, [rowPx, virtual]);
  const toggle = useCallback(
    (key: number, index: number): void => {
      setOpen((before) => {
        const after = new Set(before);
        if (!after.delete(key)) after.add(key);
        return after;
      });
      virtual.resizeItem(index, rowPx);
    },
    [virtual, rowPx],
  );
  return { virtual, open, toggle };
}

function JumpButton({ onJump }: { readonly onJump: () => void }): JSX.Element {
  return (
    <Button
      size="sm"
      onClick={onJump}
      style={{ position: 'absolute', bottom: '1rem', left: '50%', transform: 'translateX(-50%)' }}
    >
      Jump to newest
    </Button>
  );
}

interface EmptyListProps {
  readonly isChosen: boolean;
  readonly kept: number;
  readonly filter: string;
}

/** Says why the list is empty. */
export function EmptyList({ isChosen, kept, filter }: EmptyListProps): JSX.Element {
  const why =
    kept > 0
      ? `${noneOf(kept)} “${filter.trim()}”.`
      : isChosen
        ? 'Nothing has come on these channels yet. What comes appears here by itself.'
        : 'No channel is chosen. Choose at least one to see its events.';
  return (
    <div className={styles.list}>
      <Text p="md">{why}</Text>
    </div>
  );
}

function noneOf(kept: number): string {
  return kept === 1
    ? 'The only row does not contain'
    : `None of the ${kept.toLocaleString('en-GB')} rows contains`;
}
