import type { JSX } from 'react';
import { LEVEL_NAMES } from '../lib/event-sentence.js';
import type { Level } from '../lib/event-sentence.js';
import styles from './level-mark.module.css';

/** A level by shape and colour; its name is there for screen readers. */
export function LevelMark({ level }: { readonly level: Level }): JSX.Element {
  return (
    <span className={`${styles.mark} ${styles[level] ?? ''}`} data-level={level}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden>
        {SHAPES[level]}
      </svg>
      <span className={styles.name}>{LEVEL_NAMES[level]}</span>
    </span>
  );
}

const SHAPES: Readonly<Record<Level, JSX.Element>> = {
  error: (
    <>
      <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor" />
      <path d="M5.5 5.5l5 5m0-5l-5 5" className={styles.inner} />
    </>
  ),
  warning: (
    <>
      <path d="M8 1l7.5 14H.5z" fill="currentColor" />
      <path d="M8 6v4.5m0 1.2v1.3" className={styles.inner} />
    </>
  ),
  info: <circle cx="8" cy="8" r="3.5" fill="currentColor" />,
  debug: <circle cx="8" cy="8" r="2" fill="currentColor" />,
};
