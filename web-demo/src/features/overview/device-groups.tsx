import { useLayoutEffect, useRef, useState } from 'react';
import type { CSSProperties, JSX, RefObject } from 'react';
import { byTrouble, statusOf } from '../../lib/device-status.js';
import type { DeviceFacts } from '../../lib/device-status.js';
import { columnsFor } from './card-columns.js';
import { DeviceCard, DeviceRow } from './device-card.js';
import { groupsByTrouble } from '../../lib/groups.js';
import type { Group } from '../../lib/groups.js';
import styles from './overview.module.css';
import type { Selection } from './use-selection.js';

interface DeviceGroupsProps {
  readonly groups: readonly Group[];
  readonly now: number;
  readonly isLive: boolean;
  readonly selection: Selection;
  readonly onCalibrate: ((deviceIds: readonly number[]) => void) | undefined;
}

/** A card for each device, with those that one performer wears together. */
export function CardGroups({ groups, now, ...rest }: DeviceGroupsProps): JSX.Element {
  const sorted = groupsByTrouble(groups, now);
  const list = useRef<HTMLDivElement>(null);
  const sizes = sorted.map(({ devices }) => devices.length);
  const columns = columnsFor(sizes, useMostColumns(list));
  return (
    <div
      ref={list}
      className={styles['groups']}
      style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 52rem))` }}
    >
      {sorted.map((group) => {
        const span = Math.min(group.devices.length, columns);
        return (
          <section key={group.key} style={{ gridColumn: `span ${span}` }} aria-label={group.name}>
            {isNamed(groups) && <Heading group={group} selection={rest.selection} />}
            <ul className={styles['cards']} style={gridOf(span)}>
              {group.devices.map((device) => (
                <li key={device.id}>
                  <DeviceCard device={device} status={statusOf(device, now)} {...propsOf(device, rest)} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

/** Many devices: rows, and those in trouble above all others. */
export function RowGroups({ groups, now, ...rest }: DeviceGroupsProps): JSX.Element {
  const all = byTrouble(
    groups.flatMap(({ devices }) => devices),
    now,
  );
  const troubled = all.filter((device) => isTroubled(device, now));
  const wearers = new Map(
    groups.flatMap(({ kind, name, devices }) =>
      kind === 'performer' ? devices.map(({ id }) => [id, name] as const) : [],
    ),
  );
  const calm = groups.map((group) => ({
    ...group,
    devices: group.devices.filter((device) => !isTroubled(device, now)),
  }));
  const row = (device: DeviceFacts, wearer?: string): JSX.Element => (
    <li key={device.id}>
      <DeviceRow device={device} status={statusOf(device, now)} wearer={wearer} {...propsOf(device, rest)} />
    </li>
  );
  return (
    <div className={styles['rows']}>
      {troubled.length > 0 && (
        <ul className={styles['whole']} aria-label="In trouble">
          {troubled.map((device) => row(device, wearers.get(device.id)))}
        </ul>
      )}
      {calm
        .filter(({ devices }) => devices.length > 0)
        .map((group) => (
          <section
            key={group.key}
            className={group.kind === 'rest' ? styles['whole'] : styles['block']}
            aria-label={group.name}
          >
            {isNamed(groups) && <Heading group={group} selection={rest.selection} />}
            <ul>{group.devices.map((device) => row(device))}</ul>
          </section>
        ))}
    </div>
  );
}

/** Nothing is named where nobody wears anything. */
function isNamed(groups: readonly Group[]): boolean {
  return groups.some(({ kind }) => kind === 'performer');
}

function isTroubled(device: DeviceFacts, now: number): boolean {
  const { level } = statusOf(device, now);
  return level === 'bad' || level === 'warn';
}

interface CardProps {
  readonly isLive: boolean;
  readonly onCalibrate: DeviceGroupsProps['onCalibrate'];
  readonly isChosen: boolean | undefined;
  readonly onChoose: (id: number) => void;
}

function propsOf(
  { id }: DeviceFacts,
  { isLive, onCalibrate, selection }: Pick<DeviceGroupsProps, 'isLive' | 'onCalibrate' | 'selection'>,
): CardProps {
  return { isLive, onCalibrate, isChosen: selection.chosen?.has(id), onChoose: selection.toggle };
}

interface HeadingProps {
  readonly group: Group;
  readonly selection: Selection;
}

/** While devices are being selected, a press takes all of the performer's. */
function Heading({ group: { name, devices }, selection: { chosen, toggleAll } }: HeadingProps): JSX.Element {
  const ids = devices.map(({ id }) => id);
  return (
    <h2 className={styles['performer']}>
      {chosen === undefined ? (
        <bdi>{name}</bdi>
      ) : (
        <label>
          <input
            type="checkbox"
            checked={ids.every((id) => chosen.has(id))}
            aria-label={`Select all of ${name}`}
            onChange={() => toggleAll(ids)}
          />
          <bdi>{name}</bdi>
        </label>
      )}
    </h2>
  );
}

function gridOf(columns: number): CSSProperties {
  return { gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` };
}

const [MIN_REM, MAX_REM, SHARE] = [9.75, 22, 0.16];

/** As many cards as fit side by side. */
function useMostColumns(list: RefObject<HTMLElement | null>): number {
  const [columns, setColumns] = useState(4);
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      const gap = Number.parseFloat(getComputedStyle(element).columnGap);
      const least = Math.min(Math.max(MIN_REM * rem, innerWidth * SHARE), MAX_REM * rem);
      setColumns(Math.max(1, Math.floor((element.clientWidth + gap) / (least + gap))));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [list]);
  return columns;
}
