/** Name, frame rate, EMF channel, magnetometer offset, and data about the device. */
import { Grid, Group, NumberInput, SimpleGrid, Text, TextInput } from '@mantine/core';
import type { JSX } from 'react';
import { useStudio } from '../../lib/studio.js';
import { AboutDevice } from './about-device.js';
import { useDeviceScope } from './device-scope.js';
import { SettingForm } from './setting-form.js';
import { useSetting } from './use-setting.js';

export function SettingsSection(): JSX.Element {
  return (
    <Grid gap="md">
      <Grid.Col span={12}>
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <NameForm />
          <FrameRateForm />
          <EmfChannelForm />
          <MagnetometerForm />
        </SimpleGrid>
      </Grid.Col>
      <Grid.Col span={12}>
        <AboutDevice />
      </Grid.Col>
    </Grid>
  );
}

function NameForm(): JSX.Element {
  const { devices } = useStudio();
  const { blocked } = useDeviceScope();
  const setting = useSetting(
    'name',
    async (client, DeviceId) => (await client.call('GetDeviceName', { DeviceId })).DeviceName,
    async (client, DeviceId, DeviceName: string) => {
      await client.call('SetDeviceName', { DeviceId, DeviceName });
      devices.renamed(DeviceId, DeviceName);
    },
  );
  return (
    <SettingForm
      title="Name"
      hint="By which people tell their devices apart."
      setting={setting}
      saveLabel="Save name"
      fault={setting.value?.trim() === '' ? 'A device needs a name.' : undefined}
    >
      {(value) => (
        <TextInput
          label="Device name"
          value={value}
          disabled={blocked !== undefined}
          onChange={({ currentTarget }) => setting.edit(currentTarget.value)}
          autoComplete="off"
        />
      )}
    </SettingForm>
  );
}

/** During input a number field may hold text. */
type Typed = number | string;

function FrameRateForm(): JSX.Element {
  const { blocked } = useDeviceScope();
  const setting = useSetting<Typed>(
    'frame-rate',
    async (client, DeviceId) => (await client.call('GetFrameRate', { DeviceId })).FrameRate,
    (client, DeviceId, rate) => client.call('SetFrameRate', { DeviceId, FrameRate: Number(rate) }),
  );
  const { value } = setting;
  const isGood = typeof value === 'number' && value > 0;
  return (
    <SettingForm
      title="Frame rate"
      hint="A device has a few rates; any other becomes the nearest of them."
      setting={setting}
      saveLabel="Save frame rate"
      fault={setting.isChanged && !isGood ? 'A frame rate is a number above 0.' : undefined}
      savedText={`Saved. The device runs at ${value} Hz.`}
    >
      {(rate) => (
        <NumberInput
          label="Frames per second"
          suffix=" Hz"
          min={0}
          value={rate}
          disabled={blocked !== undefined}
          onChange={setting.edit}
          hideControls
        />
      )}
    </SettingForm>
  );
}

interface EmfChannel {
  readonly Channel: Typed;
  readonly FreqX?: number | null | undefined;
  readonly FreqY?: number | null | undefined;
  readonly FreqZ?: number | null | undefined;
}

function EmfChannelForm(): JSX.Element {
  const { blocked } = useDeviceScope();
  const setting = useSetting<EmfChannel>(
    'emf-channel',
    (client, DeviceId) => client.call('GetEmfChannel', { DeviceId }),
    (client, DeviceId, { Channel }) => client.call('SetEmfChannel', { DeviceId, Channel: Number(Channel) }),
  );
  const isGood = Number.isInteger(setting.value?.Channel);
  return (
    <SettingForm
      title="EMF channel"
      hint="Devices that work together use the same one."
      setting={setting}
      saveLabel="Save channel"
      fault={setting.isChanged && !isGood ? 'A channel is a whole number.' : undefined}
    >
      {(value) => (
        <>
          <NumberInput
            label="Channel"
            allowDecimal={false}
            min={0}
            value={value.Channel}
            disabled={blocked !== undefined}
            onChange={(Channel) => setting.edit({ Channel })}
          />
          <Frequencies {...value} />
        </>
      )}
    </SettingForm>
  );
}

/** Only newer studios report frequencies; those of an unsaved channel are unknown. */
function Frequencies({ FreqX, FreqY, FreqZ }: EmfChannel): JSX.Element | null {
  if (FreqX == null || FreqY == null || FreqZ == null) return null;
  return (
    <Text size="sm" c="dimmed">
      X {FreqX} Hz, Y {FreqY} Hz, Z {FreqZ} Hz
    </Text>
  );
}

const AXES = ['X', 'Y', 'Z'] as const;

function MagnetometerForm(): JSX.Element {
  const { blocked } = useDeviceScope();
  const setting = useSetting<Readonly<Record<(typeof AXES)[number], Typed>>>(
    'magnetometer-offset',
    (client, DeviceId) => client.call('GetMagnetometerCalOffset', { DeviceId }),
    (client, DeviceId, { X, Y, Z }) =>
      client.call('SetMagnetometerCalOffset', {
        DeviceId,
        Offset: { X: Number(X), Y: Number(Y), Z: Number(Z) },
      }),
  );
  const isGood = AXES.every((axis) => typeof setting.value?.[axis] === 'number');
  return (
    <SettingForm
      title="Magnetometer offset"
      hint="In milligauss; replaces the previous one."
      setting={setting}
      saveLabel="Save offset"
      fault={setting.isChanged && !isGood ? 'An offset is three numbers.' : undefined}
    >
      {(value) => (
        <Group grow gap="xs" wrap="nowrap">
          {AXES.map((axis) => (
            <NumberInput
              key={axis}
              label={`${axis} (mG)`}
              value={value[axis]}
              disabled={blocked !== undefined}
              onChange={(typed) => setting.edit({ ...value, [axis]: typed })}
              hideControls
            />
          ))}
        </Group>
      )}
    </SettingForm>
  );
}
