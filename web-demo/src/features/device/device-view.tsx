import { Alert, Anchor, Badge, Grid, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import type { JSX } from 'react';
import { Link } from 'wouter';
import type { DeviceCard } from '../../lib/device-store.js';
import { deviceTitle } from '../../lib/device-title.js';
import { useDevice, useDevices, useIsLive } from '../../lib/studio.js';
import { ButtonPresses } from './button-presses.js';
import { CalibrationSection } from './calibration-section.js';
import { clockText } from '../../lib/times.js';
import { DeviceScopeContext } from './device-scope.js';
import { LedSection } from './led-section.js';
import { LogTail } from './log-tail.js';
import { NetworkSection } from './network-section.js';
import { SelfTestSection } from './self-test-section.js';
import { SensorsSection } from './sensors-section.js';
import { SettingsSection } from './settings-section.js';

/** Everything about one device. The content of a tab is read when the tab is opened. */
interface DeviceViewProps {
  readonly deviceId: number;
  /** The part that the address names. */
  readonly part?: string | undefined;
}

export function DeviceView({ deviceId }: DeviceViewProps): JSX.Element {
  const devices = useDevices();
  const device = useDevice(deviceId);
  if (device !== undefined) return <KnownDevice device={device} />;
  return (
    <Stack>
      <Title order={1}>Device {deviceId}</Title>
      <Text>
        {devices === undefined ? 'Asking the studio…' : 'The studio has no such device.'}{' '}
        <Anchor component={Link} href="/">
          All devices
        </Anchor>
      </Text>
    </Stack>
  );
}

function KnownDevice({ device }: { readonly device: DeviceCard }): JSX.Element {
  const { id, goneSince } = device;
  const isLive = useIsLive();
  const name = deviceTitle(device);
  const blocked =
    goneSince !== undefined ? 'The device is gone.' : isLive ? undefined : 'There is no connection.';
  const scope = useMemo(() => ({ id, name, blocked }), [id, name, blocked]);
  return (
    <DeviceScopeContext value={scope}>
      <Stack gap="md">
        <Heading device={device} name={name} />
        {goneSince !== undefined && (
          <Alert color="red" variant="outline" role="alert" title={`${name} is gone`}>
            It went at {clockText(goneSince)}. What you see is how things stood then; nothing can be sent
            until it is back.
          </Alert>
        )}
        <Grid gap="md">
          <Grid.Col span={{ base: 12, xl: 8 }} miw={0}>
            <Sections />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xl: 4 }} miw={0}>
            <Stack>
              <ButtonPresses />
              <LogTail />
            </Stack>
          </Grid.Col>
        </Grid>
      </Stack>
    </DeviceScopeContext>
  );
}

function Heading({ device, name }: { readonly device: DeviceCard; readonly name: string }): JSX.Element {
  const { id, type, connection, firmware, bootloader } = device;
  return (
    <header>
      <Anchor component={Link} href="/" size="sm">
        All devices
      </Anchor>
      <Title order={1} className="wrap-anywhere">
        {name}
      </Title>
      <Group gap="xs" mt={4}>
        <Badge variant="default">{type}</Badge>
        <Badge variant="default">{connection}</Badge>
        {bootloader && (
          <Badge color="orange.9" variant="filled">
            Bootloader
          </Badge>
        )}
        <Text size="sm" c="dimmed">
          Device {id}
          {firmware !== undefined && `, firmware ${firmware}`}
        </Text>
      </Group>
    </header>
  );
}

const TABS = [
  ['settings', 'Settings', SettingsSection],
  ['leds', 'LEDs', LedSection],
  ['network', 'Network', NetworkSection],
  ['calibration', 'Calibration', CalibrationSection],
  ['self-test', 'Self test', SelfTestSection],
  ['sensors', 'Sensors', SensorsSection],
] as const;

function Sections(): JSX.Element {
  return (
    <Tabs defaultValue="settings">
      <Tabs.List aria-label="Parts of the device" mb="md">
        {TABS.map(([key, title]) => (
          <Tabs.Tab key={key} value={key}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {TABS.map(([key, , Content]) => (
        <Tabs.Panel key={key} value={key}>
          <Content />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
