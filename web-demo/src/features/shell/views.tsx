/** The views of the page: where each is found, what it is called, and how it is loaded. */
import { lazy } from 'react';
import type { ComponentType, JSX } from 'react';
import { Route, Switch } from 'wouter';
import type { IconName } from '../../components/icon.js';
import { Overview } from '../overview/overview.js';
import { LOADERS } from './view-loaders.js';
import { loadView } from './view-boundary.js';

// Views other than the first are loaded on demand.
const DeviceView = lazy(() => loadView(withMantine(LOADERS.devices().then((m) => m.DeviceView))));
const FirmwareView = lazy(() => loadView(withMantine(LOADERS.firmware().then((m) => m.FirmwareView))));
const LightsView = lazy(() => loadView(withMantine(LOADERS.lights().then((m) => m.LightsView))));
const EventsView = lazy(() => loadView(LOADERS.events().then((m) => m.EventsView)));
const NotesView = lazy(() => loadView(LOADERS.notes().then((m) => m.NotesView)));
const ConsoleView = lazy(() => loadView(LOADERS.console().then((m) => m.ConsoleView)));

/** The component library is loaded beside the first view that needs it. */
async function withMantine<Props extends object>(
  view: Promise<ComponentType<Props>>,
): Promise<ComponentType<Props>> {
  const [View, { WithMantine }] = await Promise.all([view, LOADERS.mantine()]);
  return (props) => (
    <WithMantine>
      <View {...props} />
    </WithMantine>
  );
}

export interface ViewEntry {
  readonly path: string;
  readonly label: string;
  readonly icon: IconName;
  /** On a phone it stands in the bar; the others are under More. */
  readonly isFirst: boolean;
}

export const VIEWS: readonly ViewEntry[] = [
  { path: '/', label: 'Devices', icon: 'devices', isFirst: true },
  { path: '/events', label: 'Events', icon: 'events', isFirst: true },
  { path: '/firmware', label: 'Firmware', icon: 'firmware', isFirst: true },
  { path: '/lights', label: 'Lights', icon: 'lights', isFirst: false },
  { path: '/notes', label: 'Notes', icon: 'notes', isFirst: true },
  { path: '/console', label: 'Console', icon: 'console', isFirst: false },
];

export function Views(): JSX.Element {
  return (
    <Switch>
      <Route path="/" component={Overview} />
      <Route path="/devices/:id/:part?">
        {({ id, part }) => <DeviceView key={id} deviceId={Number(id)} part={part} />}
      </Route>
      <Route path="/firmware/:id?">
        {({ id }) => <FirmwareView deviceId={id === undefined ? undefined : Number(id)} />}
      </Route>
      <Route path="/lights" component={LightsView} />
      <Route path="/events" component={EventsView} />
      <Route path="/notes" component={NotesView} />
      <Route path="/console/:command?">{({ command }) => <ConsoleView command={command} />}</Route>
      <Route>
        <h1>There is no such view</h1>
        <p>
          <a href="#/">To the devices</a>
        </p>
      </Route>
    </Switch>
  );
}
