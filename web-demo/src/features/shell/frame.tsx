import { lazy, Suspense } from 'react';
import type { JSX } from 'react';
import { Route, Router, Switch, useLocation } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { useIsLive } from '../../lib/studio.js';
import { useIsSimulated } from '../../lib/use-info.js';
import { useRefreshOnChanges } from '../../lib/use-refresh-on-changes.js';
import { KeyMap } from '../palette/key-map.js';
import { AlarmBell } from './alarm-bell.js';
import { Banner } from './banner.js';
import { Beacon } from './beacon.js';
import styles from './frame.module.css';
import { Rail } from './rail.js';
import { TopBar } from './top-bar.js';
import { loadView, ViewBoundary } from './view-boundary.js';
import { Views, VIEWS } from './views.js';

const Wall = lazy(() => loadView(import('../overview/wall.js').then((m) => m.Wall)));

interface FrameProps {
  readonly onSignOut: () => void;
}

export function Frame(props: FrameProps): JSX.Element {
  return (
    <Router hook={useHashLocation}>
      <Beacon />
      <KeyMap views={VIEWS} />
      <Changes />
      <AlarmBell />
      <Switch>
        <Route path="/wall">
          <Suspense fallback={null}>
            <Wall />
          </Suspense>
        </Route>
        <Route>
          <Shell {...props} />
        </Route>
      </Switch>
    </Router>
  );
}

/** Reads again what somebody else has changed. */
function Changes(): null {
  useRefreshOnChanges();
  return null;
}

/** Bar, views to choose from, and the view. */
function Shell({ onSignOut }: FrameProps): JSX.Element {
  const [place] = useLocation();
  const isLive = useIsLive();
  const isSimulated = useIsSimulated() === true;
  return (
    <div className={isSimulated ? `${styles['shell']} ${styles['simulated']}` : styles['shell']}>
      <button
        type="button"
        className={styles['skip']}
        onClick={() => document.getElementById('content')?.focus()}
      >
        Skip to the content
      </button>
      <TopBar onSignOut={onSignOut} />
      <Rail onSignOut={onSignOut} />
      <main
        id="content"
        tabIndex={-1}
        className={isLive ? styles['content'] : `${styles['content']} ${styles['frozen']}`}
      >
        <Banner />
        <ViewBoundary place={place}>
          <Suspense fallback={<p className="dim">Loading…</p>}>
            <Views />
          </Suspense>
        </ViewBoundary>
      </main>
    </div>
  );
}
