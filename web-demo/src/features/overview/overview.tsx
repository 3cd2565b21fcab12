import { Group, Stack, Text, Title } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import type { DeviceCard as Device } from '../../lib/device-store.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { useDevices, useIsLive, useStudio } from '../../lib/studio.js';
import { DeviceCard } from './device-card.js';
import { StudioPanel } from './studio-panel.js';
import styles from './overview.module.css';

/** The state of the studio, and its devices. */
export function Overview(): JSX.Element {
  return (
    <Stack gap="lg">
      <Title order={1}>Overview</Title>
      <StudioPanel />
      <Devices />
    </Stack>
  );
}

function Devices(): JSX.Element {
  const { devices: store } = useStudio();
  const devices = useDevices();
  const problem = useSyncExternalStore(store.subscribe, store.problem);
  const isLive = useIsLive();
  return (
    <Stack component="section" aria-labelledby="devices-title" gap="sm">
      <Group justify="space-between" align="baseline">
        <Title order={2} id="devices-title" size="h3">
          Devices
        </Title>
        <Text role="status" c="dimmed" size="sm">
          {devices !== undefined && countText(devices)}
          {devices !== undefined && !isLive && ' – not live'}
        </Text>
      </Group>
      {problem !== undefined && isLive && <ProblemAlert error={problem} />}
      {devices === undefined ? (
        <Text c="dimmed">
          {isLive ? 'Asking the studio…' : 'Not known: the studio has not answered yet.'}
        </Text>
      ) : devices.length === 0 ? (
        <Text>No device is connected. One that connects to the studio appears here by itself.</Text>
      ) : (
        <ul className={styles.cards}>
          {devices.map((device) => (
            <li key={device.id}>
              <DeviceCard device={device} isLive={isLive} />
            </li>
          ))}
        </ul>
      )}
    </Stack>
  );
}

function countText(devices: readonly Device[]): string {
  const gone = devices.filter(({ goneSince }) => goneSince !== undefined).length;
  const there = devices.length - gone;
  return `${there} connected${gone > 0 ? `, ${gone} disconnected` : ''}`;
}
