import { useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { Menu, MenuItem } from '../../components/menu.js';
import { ACCENTS, appearance } from '../../lib/appearance.js';
import { colourScheme } from '../../lib/colour-scheme.js';
import { AlertItems } from './alert-items.js';

const SCHEMES = [
  ['auto', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;

/** Colours: as the system or chosen, more contrast, and the accent. And what is to be heard. */
export function AppearanceMenu(): JSX.Element {
  const { chosen } = useSyncExternalStore(colourScheme.subscribe, colourScheme.snapshot);
  const { hasContrast, accent } = useSyncExternalStore(appearance.subscribe, appearance.snapshot);
  return (
    <Menu label="Colours and sounds" icon={chosen === 'dark' ? 'moon' : 'sun'}>
      {SCHEMES.map(([scheme, label]) => (
        <MenuItem key={scheme} isChosen={chosen === scheme} onClick={() => colourScheme.choose(scheme)}>
          {label}
          {chosen === scheme && <Chosen />}
        </MenuItem>
      ))}
      <MenuItem isChosen={hasContrast} onClick={() => appearance.set({ hasContrast: !hasContrast })}>
        More contrast
        {hasContrast && <Chosen />}
      </MenuItem>
      <hr aria-hidden style={{ border: 0, borderTop: '1px solid var(--line)' }} />
      {ACCENTS.map((each) => (
        <MenuItem key={each} isChosen={accent === each} onClick={() => appearance.set({ accent: each })}>
          {`${each[0]?.toUpperCase()}${each.slice(1)}`}
          {accent === each && <Chosen />}
        </MenuItem>
      ))}
      <hr aria-hidden style={{ border: 0, borderTop: '1px solid var(--line)' }} />
      <AlertItems />
    </Menu>
  );
}

/** The other of light and dark, in a menu without room for more. */
export function SchemeItem(): JSX.Element {
  const { shown } = useSyncExternalStore(colourScheme.subscribe, colourScheme.snapshot);
  const isDark = shown === 'dark';
  return (
    <MenuItem icon={isDark ? 'sun' : 'moon'} onClick={() => colourScheme.choose(isDark ? 'light' : 'dark')}>
      {isDark ? 'Light colours' : 'Dark colours'}
    </MenuItem>
  );
}

function Chosen(): JSX.Element {
  return (
    <span aria-hidden style={{ marginLeft: 'auto' }}>
      ✓
    </span>
  );
}
