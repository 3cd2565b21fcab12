import { memo } from 'react';
import type { JSX } from 'react';
import { DeviceArt } from '../../components/device-art.js';
import { LevelMark } from '../../components/level-mark.js';
import type { DeviceNames } from '../../lib/device-title.js';
import { sentenceOf, subjectOf } from '../../lib/event-sentence.js';
import { fineClockText } from '../../lib/times.js';
import type { DeviceKinds } from '../../lib/use-device-kinds.js';
import { exported, gapText, timeOf } from './row.js';
import type { EventRow, Line, Row } from './row.js';
import styles from './events.module.css';

/** Characters of a collapsed row: more than any screen shows. */
const MAX_TEXT = 400;

interface EventRowViewProps {
  readonly line: Line;
  readonly index: number;
  readonly count: number;
  /** Pixels from the top of the list. */
  readonly start: number;
  readonly isOpen: boolean;
  readonly nameOf: DeviceNames;
  readonly kindOf: DeviceKinds;
  readonly measure: ((node: HTMLDivElement | null) => void) | undefined;
  readonly onToggle: (key: number, index: number) => void;
  readonly onCopy: (row: Row) => void;
}

export function EventRowView(props: EventRowViewProps): JSX.Element {
  const { line, index, count, start, isOpen, nameOf, kindOf, measure, onToggle, onCopy } = props;
  const { row, key } = line;
  return (
    <div
      ref={measure}
      data-index={index}
      role="listitem"
      aria-posinset={index + 1}
      aria-setsize={count}
      className={`${styles.row} ${lookOf(row)}`}
      style={{ transform: `translateY(${start}px)` }}
    >
      <button
        type="button"
        className={styles.head}
        aria-expanded={isOpen}
        onClick={() => onToggle(key, index)}
      >
        <Head line={line} nameOf={nameOf} kindOf={kindOf} />
      </button>
      {isOpen && <Detail row={row} nameOf={nameOf} onCopy={onCopy} />}
    </div>
  );
}

function lookOf(row: Row): string {
  if (row.kind !== 'event') return styles[row.kind] ?? '';
  return styles[row.said.level] ?? '';
}

interface HeadProps {
  readonly line: Line;
  readonly nameOf: DeviceNames;
  readonly kindOf: DeviceKinds;
}

/** Memoized: scrolling moves rows without changing them. */
const Head = memo(function Head({ line: { row, count }, nameOf, kindOf }: HeadProps): JSX.Element {
  const time = <span className={styles.time}>{fineClockText(timeOf(row))}</span>;
  if (row.kind === 'event') {
    return (
      <>
        <LevelMark level={row.said.level} />
        {time}
        <Sentence row={row} nameOf={nameOf} kindOf={kindOf} />
        {count > 1 && <span className={styles.times}>×{count.toLocaleString('en-GB')}</span>}
        <span className={styles.channel}>{row.message.channel}</span>
      </>
    );
  }
  return (
    <>
      <span className={styles.sign} aria-hidden>
        {row.kind === 'gap' ? '⋯' : '⚑'}
      </span>
      {time}
      <span className={styles.text}>{row.kind === 'gap' ? gapText(row) : row.label}</span>
    </>
  );
});

interface SentenceProps extends Pick<HeadProps, 'nameOf' | 'kindOf'> {
  readonly row: EventRow;
}

function Sentence({ row, nameOf, kindOf }: SentenceProps): JSX.Element {
  const subject = subjectOf(row.said, nameOf);
  const { deviceId } = row.said;
  const kind = deviceId === undefined ? undefined : kindOf(deviceId);
  return (
    <span className={styles.text}>
      {subject === undefined ? (
        sentenceOf(row.said, nameOf).slice(0, MAX_TEXT)
      ) : (
        <>
          {kind !== undefined && (
            <span className={styles.tiny}>
              <DeviceArt {...kind} state="ok" isTiny />
            </span>
          )}
          <bdi className={styles.subject}>{subject}</bdi>: {row.said.phrase.slice(0, MAX_TEXT)}
        </>
      )}
    </span>
  );
}

interface DetailProps {
  readonly row: Row;
  readonly nameOf: DeviceNames;
  readonly onCopy: (row: Row) => void;
}

function Detail({ row, nameOf, onCopy }: DetailProps): JSX.Element {
  return (
    <div className={styles.open}>
      {row.kind === 'event' && <p className={styles.whole}>{sentenceOf(row.said, nameOf)}</p>}
      <pre className={styles.detail} tabIndex={0} aria-label="Event as JSON">
        {JSON.stringify(exported(row), null, 2)}
      </pre>
      <button type="button" className={styles.button} onClick={() => onCopy(row)}>
        Copy as JSON
      </button>
    </div>
  );
}
