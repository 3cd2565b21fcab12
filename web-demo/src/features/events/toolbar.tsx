import type { JSX, ReactNode } from 'react';
import type { Mode } from '../../../../src/client/index.js';
import { useIsAway } from '../../lib/studio.js';
import { queryOf } from './event-filter.js';
import { MAX_ROWS } from './event-log.js';
import type { LogState } from './event-log.js';
import type { SessionState } from './event-session.js';
import styles from './events.module.css';

const MODES: readonly { readonly value: string; readonly label: string; readonly mode: Mode }[] = [
  { value: 'all', label: 'Every event', mode: 'all' },
  { value: 'latest', label: 'If this page falls behind: show the newest', mode: 'latest' },
  ...[1, 5, 20].map((maxRateHz) => ({
    value: String(maxRateHz),
    label: `At most ${maxRateHz} a second of each channel`,
    mode: { maxRateHz },
  })),
];

export interface StreamSettings {
  readonly chosen: readonly string[];
  readonly mode: Mode;
}

interface StreamSettingsBarProps {
  readonly settings: StreamSettings;
  readonly text: string;
  readonly suggestions: ReadonlyMap<string, string>;
  readonly onText: (text: string) => void;
  readonly onChange: (changes: Partial<StreamSettings>) => void;
  readonly onPick: () => void;
}

/** Channels, delivery mode and filter. */
export function StreamSettingsBar(props: StreamSettingsBarProps): JSX.Element {
  const { settings, text, suggestions, onText, onChange, onPick } = props;
  const { chosen, mode } = settings;
  const value = typeof mode === 'string' ? mode : String(mode.maxRateHz);
  const { fault } = queryOf(text);
  return (
    <div className={styles.settings}>
      <div className={styles.bar}>
        <input
          type="search"
          className={`${styles.input} ${styles.filter}`}
          aria-label="Filter"
          placeholder="Filter: words, -without, /regex/"
          value={text}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          aria-invalid={fault !== undefined}
          aria-describedby={fault === undefined ? undefined : 'filter-fault'}
          onChange={({ currentTarget }) => onText(currentTarget.value)}
        />
        <button type="button" className={styles.button} onClick={onPick}>
          Choose channels…
        </button>
        <select
          className={`${styles.input} ${styles.delivery}`}
          aria-label="Delivery"
          value={value}
          onChange={({ currentTarget }) =>
            onChange({ mode: MODES.find((each) => each.value === currentTarget.value)?.mode ?? 'all' })
          }
        >
          {MODES.map((each) => (
            <option key={each.value} value={each.value}>
              {each.label}
            </option>
          ))}
        </select>
      </div>
      {fault !== undefined && (
        <p id="filter-fault" className={styles.fault}>
          {fault}
        </p>
      )}
      <ChosenChannels
        chosen={chosen}
        suggestions={suggestions}
        onChange={(next) => onChange({ chosen: next })}
      />
    </div>
  );
}

interface ChosenChannelsProps {
  readonly chosen: readonly string[];
  readonly suggestions: ReadonlyMap<string, string>;
  readonly onChange: (chosen: readonly string[]) => void;
}

function ChosenChannels({ chosen, suggestions, onChange }: ChosenChannelsProps): JSX.Element {
  return (
    <ul className={styles.chosen} aria-label="Chosen channels">
      {chosen.map((pattern) => {
        const suggestion = suggestions.get(pattern);
        return (
          <li key={pattern} className={styles.pattern}>
            <span className={styles.code}>{pattern}</span>
            <button
              type="button"
              className={styles.remove}
              aria-label={`Remove ${pattern}`}
              onClick={() => onChange(chosen.filter((each) => each !== pattern))}
            >
              <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden>
                <path d="M4 4l8 8m0-8l-8 8" stroke="currentColor" strokeWidth="2" />
              </svg>
            </button>
            {suggestion !== undefined && (
              <span className={styles.suggestion}>
                Nothing publishes it. Did you mean{' '}
                <button
                  type="button"
                  className={styles.link}
                  onClick={() => onChange(replaced(chosen, pattern, suggestion))}
                >
                  {suggestion}
                </button>
                ?
              </span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function replaced(chosen: readonly string[], pattern: string, by: string): readonly string[] {
  return [...new Set(chosen.map((each) => (each === pattern ? by : each)))];
}

interface ActionBarProps {
  readonly state: LogState;
  readonly session: SessionState;
  readonly message: string;
  readonly onPause: () => void;
  readonly onClear: () => void;
  readonly onCopy: () => void;
  readonly onSave: () => void;
  readonly onMark: () => void;
}

/** Pause, mark, save, copy and clear; the number of rows, and of events that are missing. */
export function ActionBar(props: ActionBarProps): JSX.Element {
  const { state, session, message, onPause, onClear, onCopy, onSave, onMark } = props;
  const { matching, isPaused, held } = state;
  return (
    <div className={styles.bar}>
      <button
        type="button"
        className={isPaused ? `${styles.button} ${styles.primary}` : styles.button}
        onClick={onPause}
        aria-keyshortcuts="P"
      >
        {isPaused ? `Resume (${count(held)} new)` : 'Pause'}
      </button>
      <button type="button" className={styles.button} onClick={onMark} aria-keyshortcuts="M">
        Mark
      </button>
      <button type="button" className={styles.button} onClick={onSave} disabled={matching === 0}>
        Save as NDJSON
      </button>
      <button type="button" className={styles.button} onClick={onCopy} disabled={matching === 0}>
        Copy shown as JSON
      </button>
      <button type="button" className={styles.button} onClick={onClear}>
        Clear
      </button>
      <Missed session={session} />
      <Status state={state} session={session} />
      <span className={styles.message} role="status">
        {message}
      </span>
    </div>
  );
}

/** Stays until the log is cleared, although the rows of the gaps scroll away. */
function Missed({ session: { missed, isMissedUncertain } }: Pick<ActionBarProps, 'session'>): ReactNode {
  if (missed === 0 && !isMissedUncertain) return null;
  const number = missed === 0 ? 'Some' : `${isMissedUncertain ? 'At least ' : ''}${shortCount(missed)}`;
  return (
    <span className={styles.missed} title={missed === 0 ? undefined : `${count(missed)} events`}>
      {number} missed
    </span>
  );
}

function Status({ state, session }: Pick<ActionBarProps, 'state' | 'session'>): JSX.Element {
  const { matching, kept, dropped, isPaused } = state;
  const { isSampling, ratio, leftOut, counted } = session;
  const isAway = useIsAway();
  const word = isPaused ? 'Paused. ' : isAway ? 'Not live: no events arrive. ' : '';
  const rows = matching === kept ? count(kept) : `${count(matching)} of ${count(kept)}`;
  const older = dropped === 0 ? '' : `; ${count(dropped)} older dropped, ${count(MAX_ROWS)} are kept`;
  return (
    <span className={word === '' ? styles.status : `${styles.status} ${styles.strong}`}>
      {`${word}${rows} ${kept === 1 ? 'row' : 'rows'}${older}`}
      {leftOut > 0 && (
        <>
          {'. '}
          <strong>{isSampling ? `Sampling: 1 of ${count(ratio)} drawn` : 'A part was drawn'}</strong>
          {', all '}
          <span title={`${count(counted)} events`}>{shortCount(counted)}</span>
          {' counted'}
        </>
      )}
    </span>
  );
}

function count(value: number): string {
  return value.toLocaleString('en-GB');
}

const SHORT = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });

/** `3.1M`: for numbers that change faster than one can read. */
function shortCount(value: number): string {
  return value < 10_000 ? count(value) : SHORT.format(value);
}
