import { useVirtualizer } from '@tanstack/react-virtual';
import type { Virtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { JSX, RefObject } from 'react';
import type { DeviceNames } from '../../lib/device-title.js';
import { useDeviceKinds } from '../../lib/use-device-kinds.js';
import { hasFacets } from './event-filter.js';
import type { LogFilter } from './event-filter.js';
import { EventRowView } from './event-row.js';
import type { Line, Row } from './row.js';
import styles from './events.module.css';

/** Within this distance from the end, the list follows new rows. */
const END_PX = 48;

interface EventListProps {
  readonly lines: readonly Line[];
  readonly nameOf: DeviceNames;
  readonly onCopy: (row: Row) => void;
}

/** Draws only the visible rows, and follows the newest row until the reader scrolls up. */
export function EventList({ lines, nameOf, onCopy }: EventListProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const kindOf = useDeviceKinds();
  const list = useList(lines, scroller);
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
            const line = lines[index];
            if (line === undefined) return null;
            const isOpen = list.open.has(line.key);
            return (
              <EventRowView
                key={key}
                line={line}
                nameOf={nameOf}
                kindOf={kindOf}
                index={index}
                count={lines.length}
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
        <JumpButton onJump={() => list.virtual.scrollToIndex(lines.length - 1, { align: 'end' })} />
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

function useList(lines: readonly Line[], scroller: RefObject<HTMLDivElement | null>): List {
  const rowPx = useRowPx();
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const virtual = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => lines[index]?.key ?? -1 - index,
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

/** Height of a collapsed row in pixels, as in the style sheet, by the width of the window. */
const ROW_PX = [
  ['(width < 48em)', 52],
  ['(pointer: coarse)', 52],
  ['(width >= 120em)', 46],
] as const;
const USUAL_ROW_PX = 36;

function useRowPx(): number {
  return useSyncExternalStore(
    (onChange) => {
      const queries = ROW_PX.map(([query]) => matchMedia(query));
      for (const query of queries) query.addEventListener('change', onChange);
      return () => {
        for (const query of queries) query.removeEventListener('change', onChange);
      };
    },
    () => ROW_PX.find(([query]) => matchMedia(query).matches)?.[1] ?? USUAL_ROW_PX,
  );
}

function JumpButton({ onJump }: { readonly onJump: () => void }): JSX.Element {
  return (
    <button type="button" className={`${styles.button} ${styles.primary} ${styles.jump}`} onClick={onJump}>
      Jump to newest
    </button>
  );
}

interface EmptyListProps {
  readonly isChosen: boolean;
  readonly isLoading: boolean;
  readonly kept: number;
  readonly filter: LogFilter;
}

/** Says why the list is empty. */
export function EmptyList({ isChosen, isLoading, kept, filter }: EmptyListProps): JSX.Element {
  const why =
    kept > 0
      ? noneOf(kept, filter)
      : !isChosen
        ? 'No channel is chosen. Choose at least one to see its events.'
        : isLoading
          ? 'Reading what came before…'
          : 'Nothing has come on these channels yet. What comes appears here by itself.';
  return (
    <div className={styles.list}>
      <p className={styles.empty}>{why}</p>
    </div>
  );
}

function noneOf(kept: number, { text, facets, range }: LogFilter): string {
  const rows = kept === 1 ? 'The only row' : `None of the ${kept.toLocaleString('en-GB')} rows`;
  if (hasFacets(facets) || range !== undefined) {
    return `${rows} ${kept === 1 ? 'is not' : 'is'} among what is chosen above.`;
  }
  return `${rows} ${kept === 1 ? 'does not contain' : 'contains'} “${text.trim()}”.`;
}
