import type { CSSProperties, JSX } from 'react';
import { Menu, MenuItem } from '../../components/menu.js';
import { studioHref, studioHue } from '../../lib/studio-path.js';
import { useStudios } from '../../lib/studios.js';
import type { StudioInfo } from '../../lib/studios.js';
import styles from './studio-switcher.module.css';

/** Which studio this is, in its colour, and the way to the others. Nothing where there is one only. */
export function StudioSwitcher(): JSX.Element | null {
  const { all, own } = useStudios();
  if (all.length < 2 || own === undefined) return null;
  return (
    <Menu
      icon="devices"
      label={`Studio ${own.name}: choose another`}
      className={styles['current']}
      text={<StudioMark name={own.name} />}
    >
      {all.map((each) => (
        <MenuItem
          key={each.name}
          href={studioHref(document.baseURI, each.name)}
          isChosen={each.name === own.name}
          hint={stateText(each)}
        >
          <StudioMark name={each.name} />
        </MenuItem>
      ))}
    </Menu>
  );
}

/** A studio's name and its colour. */
export function StudioMark({ name }: { readonly name: string }): JSX.Element {
  const colour = { '--hue': `${studioHue(name)}` } as CSSProperties;
  return (
    <span className={styles['mark']} style={colour}>
      <span className={styles['colour']} aria-hidden />
      {name}
    </span>
  );
}

function stateText({ state, devices }: StudioInfo): string {
  if (state !== 'connected') return state === 'connecting' ? 'Connecting' : 'Offline';
  return devices === 1 ? '1 device' : `${devices} devices`;
}
