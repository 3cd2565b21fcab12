import { useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { useLocation } from 'wouter';
import { IconButton } from '../../components/button.js';
import { Icon } from '../../components/icon.js';
import { colourScheme } from '../../lib/colour-scheme.js';
import { layoutStore } from '../../lib/layout-store.js';
import { useIsLive, useLink } from '../../lib/studio.js';
import { clockText, counterText } from '../../lib/times.js';
import { useVerdict } from '../../lib/use-facts.js';
import { useIsSimulated } from '../../lib/use-info.js';
import { useNow } from '../../lib/use-now.js';
import { byTrouble, statusOf } from '../../lib/device-status.js';
import { DeviceCard } from './device-card.js';
import { bestColumns } from './wall-grid.js';
import styles from './wall.module.css';

/** Devices on the screen at once; more take turns. */
const MAX_SHOWN = 24;
const MAX_SHOWN_NARROW = 8;
const PAGE_MS = 15_000;
/** The picture moves by a few pixels a minute, so that no screen burns in. */
const SHIFTS = [
  [0, 0],
  [5, 0],
  [5, 5],
  [0, 5],
] as const;

/** For a screen on the wall: nothing but the answer, the devices and the time. Works with a token that may only read. */
export function Wall(): JSX.Element {
  const { facts = [], now, verdict } = useVerdict();
  const isLive = useIsLive();
  const isSimulated = useIsSimulated() === true;
  const clock = useNow();
  const wearers = useWearers();
  const [, go] = useLocation();
  useWakeLock();
  useDarkUnlessChosen();
  const pageSize = matchMedia('(width < 48em)').matches ? MAX_SHOWN_NARROW : MAX_SHOWN;
  const sorted = byTrouble(facts, now, facts.length <= pageSize);
  const pages = Math.max(1, Math.ceil(sorted.length / pageSize));
  const page = Math.floor(clock / PAGE_MS) % pages;
  const shown = sorted.slice(page * pageSize, (page + 1) * pageSize);
  const [x, y] = SHIFTS[Math.floor(clock / 60_000) % SHIFTS.length] ?? SHIFTS[0];
  const leave = (): void => {
    if (document.fullscreenElement !== null) void document.exitFullscreen();
    go('/');
  };
  useEffect(() => {
    const onKey = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') go('/');
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [go]);
  return (
    <main id="content" className={styles['wall']} style={{ transform: `translate(${x}px, ${y}px)` }}>
      <h1 className="unseen">Wall</h1>
      <WallStrip />
      <Cards count={shown.length}>
        {shown.map((device) => (
          <li key={device.id}>
            <DeviceCard
              device={device}
              status={statusOf(device, now)}
              isLive={isLive}
              onCalibrate={undefined}
              wearer={wearers.get(device.id)}
              isPlain
            />
          </li>
        ))}
      </Cards>
      <footer className={styles['foot']}>
        {isSimulated && <span className={styles['sim']}>◆ Simulated</span>}
        <span>{facts.length > 0 && verdict.summary}</span>
        {pages > 1 && (
          <span>
            {page + 1} of {pages}
          </span>
        )}
        <IconButton icon="close" label="Leave the wall (F)" onClick={leave} className={styles['leave']} />
      </footer>
    </main>
  );
}

/** Names that somebody gave, by device. */
function useWearers(): ReadonlyMap<number, string> {
  const { layout } = useSyncExternalStore(layoutStore.subscribe, layoutStore.snapshot);
  return useMemo(
    () => new Map(layout.performers.flatMap(({ name, devices }) => devices.map((id) => [id, name]))),
    [layout],
  );
}

function WallStrip(): JSX.Element {
  const { verdict, facts } = useVerdict();
  const isAnythingShown = facts !== undefined;
  const { outage } = useLink();
  const clock = useNow();
  const [first, ...rest] = verdict.reasons;
  return (
    <header
      className={styles['strip']}
      data-level={verdict.level}
      data-offline={outage !== undefined || undefined}
    >
      <Icon name={verdict.level === 'none' ? 'more' : verdict.level} size="7vh" />
      <div>
        <h2 role="status">{verdict.title}</h2>
        <p>
          {outage === undefined ? (
            <>
              {first?.text}
              {rest.length > 0 && ` · ${rest.length} more`}
            </>
          ) : (
            counterText(clock - outage.since) +
            (isAnythingShown ? ` · shown as of ${clockText(outage.since)}` : '')
          )}
        </p>
      </div>
      <time className={styles['clock']}>{clockText(clock)}</time>
    </header>
  );
}

/** As many columns as make the cards largest. */
function Cards({
  count,
  children,
}: {
  readonly count: number;
  readonly children: JSX.Element[];
}): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  const [columns, setColumns] = useState(1);
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return undefined;
    const measure = (): void => setColumns(bestColumns(count, element.clientWidth, element.clientHeight));
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [count]);
  return (
    <ul
      ref={list}
      className={styles['cards']}
      style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
    >
      {children}
    </ul>
  );
}

/** The screen stays on while the wall is shown; browsers allow that on secure pages only. */
function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let isOver = false;
    const take = async (): Promise<void> => {
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
      try {
        lock = await navigator.wakeLock.request('screen');
        if (isOver) await lock.release();
      } catch {
        // The browser refuses it on low battery: the wall works, the screen may go dark.
      }
    };
    const onVisible = (): void => void take();
    void take();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      isOver = true;
      document.removeEventListener('visibilitychange', onVisible);
      void lock?.release();
    };
  }, []);
}

/** Dark, unless somebody chose: a bright wall blinds whoever looks at it in the dark. */
function useDarkUnlessChosen(): void {
  useLayoutEffect(() => colourScheme.prefer('dark'), []);
}
