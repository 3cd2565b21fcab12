import type { JSX } from 'react';
import { Link, useRoute } from 'wouter';
import { Icon } from '../../components/icon.js';
import { Menu, MenuItem } from '../../components/menu.js';
import { storedToken } from '../../lib/stored-token.js';
import { AlertItems } from './alert-items.js';
import { SchemeItem } from './appearance-menu.js';
import styles from './frame.module.css';
import { VIEWS } from './views.js';
import type { ViewEntry } from './views.js';

/** The views, at the side; on a phone the first of them, at the bottom. */
export function Rail({ onSignOut }: { readonly onSignOut: () => void }): JSX.Element {
  return (
    <nav className={styles['rail']} aria-label="Views">
      {VIEWS.map((view) => (
        <ViewLink key={view.path} view={view} />
      ))}
      <a href="./docs" className={`${styles['view']} ${styles['rare']}`}>
        <Icon name="api" />
        API
      </a>
      <span className={styles['onPhone']}>
        <Menu label="More" icon="more" text="More" className={styles['view']} isUp>
          {VIEWS.filter(({ isFirst }) => !isFirst).map(({ path, label, icon }) => (
            <MenuItem key={path} icon={icon} href={`#${path}`}>
              {label}
            </MenuItem>
          ))}
          <MenuItem icon="api" href="./docs">
            API
          </MenuItem>
          <SchemeItem />
          <AlertItems />
          {storedToken() !== null && (
            <MenuItem icon="signout" onClick={onSignOut}>
              Sign out
            </MenuItem>
          )}
        </Menu>
      </span>
    </nav>
  );
}

function ViewLink({ view: { path, label, icon, isFirst } }: { readonly view: ViewEntry }): JSX.Element {
  const [isHere] = useRoute(path === '/' ? path : `${path}/*?`);
  const [isDevice] = useRoute('/devices/*');
  const isCurrent = isHere || (path === '/' && isDevice);
  return (
    <Link
      href={path}
      aria-current={isCurrent ? 'page' : undefined}
      className={isFirst ? styles['view'] : `${styles['view']} ${styles['rare']}`}
    >
      <Icon name={icon} />
      {label}
    </Link>
  );
}
