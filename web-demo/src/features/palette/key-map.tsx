import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { useLocation } from 'wouter';
import { isTaken } from '../../lib/keys.js';
import { marks } from '../../lib/mark-store.js';
import { actionOf } from './hot-keys.js';
import type { KeyAction } from './hot-keys.js';
import type { Available } from './palette-items.js';
import { paletteStore } from './palette-store.js';
import styles from './palette.module.css';

const Palette = lazy(() => import('./palette.js').then((m) => ({ default: m.Palette })));
const KeyList = lazy(() => import('./key-list.js').then((m) => ({ default: m.KeyList })));

/** How long G waits for its second key. */
const SEQUENCE_MS = 1500;
const TOLD_MS = 2500;

/** Listens to the keys of every view, and shows the palette. */
export function KeyMap({ views }: Pick<Available, 'views'>): JSX.Element {
  const state = useSyncExternalStore(paletteStore.subscribe, paletteStore.snapshot);
  const [told, setTold] = useState('');
  const waitsSince = useRef(-Infinity);
  const [place, navigate] = useLocation();
  useEffect(() => {
    if (told === '') return undefined;
    const timer = setTimeout(() => setTold(''), TOLD_MS);
    return () => clearTimeout(timer);
  }, [told]);
  useEffect(() => {
    const run = (action: KeyAction): void => {
      if (action.is === 'palette' || action.is === 'keys') paletteStore.open(action.is);
      else if (action.is === 'mark') setTold(`${marks.add().label} set`);
      else if (action.is === 'go') navigate(action.href);
      else if (action.is === 'wall') toggleWall(place, navigate);
      else if (action.is === 'note') {
        navigate('/notes');
        document.querySelector<HTMLElement>('textarea[aria-label="Note"]')?.focus();
      }
    };
    const onKey = (event: KeyboardEvent): void => {
      const isPalette = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k';
      if (isPalette) {
        event.preventDefault();
        paletteStore.open(paletteStore.snapshot() === 'palette' ? 'closed' : 'palette');
        return;
      }
      if (paletteStore.snapshot() === 'palette') return keepTyped(event);
      if (isTaken(event) || document.querySelector('dialog[open]') !== null) return;
      const action = actionOf(event.key, performance.now() - waitsSince.current < SEQUENCE_MS);
      waitsSince.current = action.is === 'wait' ? performance.now() : -Infinity;
      if (action.is === 'none' || action.is === 'wait') return;
      event.preventDefault();
      run(action);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [place, navigate]);
  return (
    <>
      <Suspense fallback={null}>
        {state === 'palette' && <Palette views={views} onTold={setTold} />}
        {state === 'keys' && <KeyList onClose={() => paletteStore.open('closed')} />}
      </Suspense>
      <div role="status" className={told === '' ? 'unseen' : styles['told']}>
        {told}
      </div>
    </>
  );
}

/** The palette has no field yet while it is being loaded. */
function keepTyped(event: KeyboardEvent): void {
  if (event.key.length !== 1 || isTaken(event) || document.querySelector('dialog[open]') !== null) return;
  paletteStore.type(event.key);
  event.preventDefault();
}

function toggleWall(place: string, navigate: (to: string) => void): void {
  const isWall = place === '/wall';
  navigate(isWall ? '/' : '/wall');
  // Browsers may refuse it; the wall works in a window, too.
  if (!isWall) document.documentElement.requestFullscreen().catch(() => undefined);
  else if (document.fullscreenElement !== null) void document.exitFullscreen();
}
