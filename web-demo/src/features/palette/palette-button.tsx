import type { JSX } from 'react';
import { IconButton } from '../../components/button.js';
import { paletteStore } from './palette-store.js';
import styles from './palette.module.css';

export function PaletteButton(): JSX.Element {
  return (
    <>
      <kbd className={styles['hotKey']} aria-hidden>
        Ctrl K
      </kbd>
      <IconButton
        icon="search"
        label="Find anything (Ctrl K)"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => paletteStore.open('palette')}
      />
    </>
  );
}
