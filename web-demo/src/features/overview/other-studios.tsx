import type { CSSProperties, JSX } from 'react';
import { studioHref, studioHue } from '../../lib/studio-path.js';
import { useStudios } from '../../lib/studios.js';
import styles from './other-studios.module.css';

/** How the other studios are, at a glance; each leads to its own page. */
export function OtherStudios(): JSX.Element | null {
  const { all, own } = useStudios();
  const others = all.filter(({ name }) => name !== own?.name);
  if (own === undefined || others.length === 0) return null;
  return (
    <nav aria-label="Other studios" className={styles['others']}>
      {others.map(({ name, state, devices }) => {
        const isUp = state === 'connected';
        return (
          <a
            key={name}
            href={studioHref(document.baseURI, name)}
            className={styles['other']}
            data-state={isUp ? 'ok' : 'bad'}
            style={{ '--hue': `${studioHue(name)}` } as CSSProperties}
          >
            <strong>{name}</strong>
            <span>{isUp ? `${devices} ${devices === 1 ? 'device' : 'devices'}` : 'Studio offline'}</span>
          </a>
        );
      })}
    </nav>
  );
}
