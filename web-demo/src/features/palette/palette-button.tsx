import type { JSX } from 'react';
import { IconButton } from '../../components/button.js';
import { paletteStore } from './palette-store.js';

export function PaletteButton(): JSX.Element {
  return (
    <IconButton
      icon="search"
      label="Find anything (Ctrl K)"
      aria-keyshortcuts="Control+K Meta+K"
      onClick={() => paletteStore.open('palette')}
    />
  );
}
