import type { JSX } from 'react';
import { LevelMark } from '../../components/level-mark.js';
import type { DeviceNames } from '../../lib/device-title.js';
import type { EventKind, Level } from '../../lib/event-sentence.js';
import { hasFacets, NO_FACETS } from './event-filter.js';
import type { FacetChoice } from './event-filter.js';
import type { FacetCounts } from './facet-counts.js';
import styles from './events.module.css';

const LEVELS: readonly (readonly [Level, string])[] = [
  ['error', 'Errors'],
  ['warning', 'Warnings'],
];

const KINDS: readonly (readonly [EventKind, string])[] = [
  ['press', 'Presses'],
  ['saturation', 'Saturation'],
  ['calibration', 'Calibration'],
  ['lifecycle', 'Lifecycle'],
  ['measurement', 'Measurements'],
  ['update', 'Updates'],
  ['log', 'Logs'],
  ['light', 'Lights'],
  ['gateway', 'Gateway'],
  ['other', 'Other'],
];

/** Devices and sources that are offered: those with the most events. */
const MAX_CHIPS = 8;

interface FacetBarProps {
  readonly counts: FacetCounts;
  readonly chosen: FacetChoice;
  readonly nameOf: DeviceNames;
  readonly onChoose: (chosen: FacetChoice) => void;
}

/** What there is, with counts; pressing one shows only that. */
export function FacetBar({ counts, chosen, nameOf, onChoose }: FacetBarProps): JSX.Element {
  const { levels, kinds, devices, sources } = counts;
  const kindsThere = KINDS.filter(([kind]) => kinds.has(kind) || chosen.kinds.includes(kind));
  return (
    <div className={styles.facets} role="group" aria-label="Show only">
      {LEVELS.map(([level, label]) => (
        <Chip
          key={level}
          label={label}
          count={levels.get(level) ?? 0}
          isChosen={chosen.levels.includes(level)}
          level={level}
          onToggle={() => onChoose({ ...chosen, levels: toggled(chosen.levels, level) })}
        />
      ))}
      {kindsThere.length > 1 &&
        kindsThere.map(([kind, label]) => (
          <Chip
            key={kind}
            label={label}
            count={kinds.get(kind) ?? 0}
            isChosen={chosen.kinds.includes(kind)}
            onToggle={() => onChoose({ ...chosen, kinds: toggled(chosen.kinds, kind) })}
          />
        ))}
      {most(devices, chosen.devices).map(([id, count]) => (
        <Chip
          key={`device ${id}`}
          label={nameOf(id)}
          count={count}
          isChosen={chosen.devices.includes(id)}
          onToggle={() => onChoose({ ...chosen, devices: toggled(chosen.devices, id) })}
        />
      ))}
      {most(sources, chosen.sources).map(([source, count]) => (
        <Chip
          key={`source ${source}`}
          label={source}
          isCode
          count={count}
          isChosen={chosen.sources.includes(source)}
          onToggle={() => onChoose({ ...chosen, sources: toggled(chosen.sources, source) })}
        />
      ))}
      {hasFacets(chosen) && (
        <button type="button" className={styles.link} onClick={() => onChoose(NO_FACETS)}>
          Show everything
        </button>
      )}
    </div>
  );
}

interface ChipProps {
  readonly label: string;
  readonly count: number;
  readonly isChosen: boolean;
  readonly level?: Level;
  readonly isCode?: boolean;
  readonly onToggle: () => void;
}

function Chip({ label, count, isChosen, level, isCode = false, onToggle }: ChipProps): JSX.Element {
  return (
    <button type="button" className={styles.chip} aria-pressed={isChosen} onClick={onToggle}>
      {level !== undefined && <LevelMark level={level} />}
      <bdi className={isCode ? styles.code : styles.chipLabel}>{label}</bdi>
      <span className={styles.chipCount}>{count.toLocaleString('en-GB')}</span>
    </button>
  );
}

function toggled<T>(list: readonly T[], value: T): readonly T[] {
  return list.includes(value) ? list.filter((each) => each !== value) : [...list, value];
}

/** Those with the most events, in a stable order, and those that are chosen. */
function most<Key extends string | number>(
  counts: ReadonlyMap<Key, number>,
  chosen: readonly Key[],
): readonly (readonly [Key, number])[] {
  const top = [...counts].toSorted((a, b) => b[1] - a[1]).slice(0, MAX_CHIPS);
  const missing = chosen.filter((key) => top.every(([each]) => each !== key));
  return [...top, ...missing.map((key) => [key, counts.get(key) ?? 0] as const)].toSorted((a, b) =>
    String(a[0]).localeCompare(String(b[0]), 'en', { numeric: true }),
  );
}
