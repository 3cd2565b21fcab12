import { Anchor, AppShell, Burger, Group, NavLink, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense } from 'react';
import type { JSX } from 'react';
import { Link, Route, Router, Switch, useLocation, useRoute } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { storedToken } from '../../lib/gateway.js';
import { Overview } from '../overview/overview.js';
import { Banner } from './banner.js';
import classes from './frame.module.css';
import { LeaseBar } from './lease-bar.js';
import { SchemeSwitch } from './scheme-switch.js';
import { StudioBadge } from './studio-badge.js';
import { loadView, ViewBoundary } from './view-boundary.js';

// Views other than the first are loaded on demand.
const DeviceView = lazy(() => loadView(import('../device/device-view.js').then((m) => m.DeviceView)));
const FirmwareView = lazy(() => loadView(import('../firmware/firmware-view.js').then((m) => m.FirmwareView)));
const LightsView = lazy(() => loadView(import('../lights/lights-view.js').then((m) => m.LightsView)));
const EventsView = lazy(() => loadView(import('../events/events-view.js').then((m) => m.EventsView)));
const ConsoleView = lazy(() => loadView(import('../console/console-view.js').then((m) => m.ConsoleView)));

const VIEWS = [
  ['/', 'Overview'],
  ['/firmware', 'Firmware'],
  ['/lights', 'Lights'],
  ['/events', 'Events'],
  ['/console', 'Console'],
] as const;

interface FrameProps {
  readonly onSignOut: () => void;
}

export function Frame(props: FrameProps): JSX.Element {
  return (
    <Router hook={useHashLocation}>
      <Shell {...props} />
    </Router>
  );
}

function Shell({ onSignOut }: FrameProps): JSX.Element {
  const [isOpen, { toggle, close }] = useDisclosure();
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 200, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding="md"
      transitionDuration={0}
    >
      <AppShell.Header>
        <button
          type="button"
          className={classes.skip}
          onClick={() => document.getElementById('content')?.focus()}
        >
          Skip to the content
        </button>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group wrap="nowrap" gap="sm">
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={isOpen ? 'Close the menu' : 'Open the menu'}
            />
            <Text fw={700} truncate visibleFrom="xs">
              RCSP gateway
            </Text>
          </Group>
          <StudioBadge />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Views" className={isOpen ? undefined : classes.collapsed}>
        <AppShell.Section grow>
          {VIEWS.map(([path, label]) => (
            <ViewLink key={path} path={path} label={label} onFollow={close} />
          ))}
          <NavLink component="a" href="./docs" label="API explorer" />
        </AppShell.Section>
        <AppShell.Section>
          <SchemeSwitch />
          {storedToken() !== null && <NavLink component="button" label="Sign out" onClick={onSignOut} />}
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={classes.content}>
        <Banner />
        <LeaseBar />
        <Views />
      </AppShell.Main>
    </AppShell>
  );
}

function Views(): JSX.Element {
  const [place] = useLocation();
  return (
    <ViewBoundary place={place}>
      <Suspense fallback={<Text c="dimmed">Loading…</Text>}>
        <Switch>
          <Route path="/" component={Overview} />
          <Route path="/devices/:id">{({ id }) => <DeviceView key={id} deviceId={Number(id)} />}</Route>
          <Route path="/firmware" component={FirmwareView} />
          <Route path="/lights" component={LightsView} />
          <Route path="/events" component={EventsView} />
          <Route path="/console/:command?">{({ command }) => <ConsoleView command={command} />}</Route>
          <Route component={NoSuchView} />
        </Switch>
      </Suspense>
    </ViewBoundary>
  );
}

function NoSuchView(): JSX.Element {
  return (
    <Stack>
      <Title order={1}>There is no such view</Title>
      <Text>
        <Anchor component={Link} href="/">
          To the overview
        </Anchor>
      </Text>
    </Stack>
  );
}

interface ViewLinkProps {
  readonly path: string;
  readonly label: string;
  readonly onFollow: () => void;
}

function ViewLink({ path, label, onFollow }: ViewLinkProps): JSX.Element {
  const [isHere] = useRoute(path === '/' ? path : `${path}/*?`);
  return (
    <NavLink
      component={Link}
      href={path}
      label={label}
      active={isHere}
      aria-current={isHere ? 'page' : undefined}
      onClick={onFollow}
    />
  );
}
