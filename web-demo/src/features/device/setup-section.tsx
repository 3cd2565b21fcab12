/** Frame rate, EMF channel, and magnetometer offset. */
import { Group, NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import { Button } from '../../components/button.js';
import fields from '../../components/field.module.css';
import { deviceTitle } from '../../lib/device-title.js';
import { useDevices } from '../../lib/studio.js';
import { Choice, SavedLine, useSaving } from './choice.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { ratesOf, rememberRate } from './frame-rates.js';
import { Read, Section } from './section.js';
import { SettingForm } from './setting-form.js';
import { useReading, useSetting } from './use-setting.js';

export function SetupSection({ offer }: { readonly offer: ReadonlySet<string> }): JSX.Element {
  return (
    <Section title="Setup">
      {offer.has('GetFrameRate') && <FrameRate />}
      {offer.has('GetEmfChannel') && <EmfChannel />}
      {offer.has('GetMagnetometerCalOffset') && (
        <details className={styles['fold']}>
          <summary>Magnetometer offset</summary>
          <MagnetometerForm />
        </details>
      )}
    </Section>
  );
}

function FrameRate(): JSX.Element {
  const { id, blocked } = useDeviceScope();
  const type = useDevices()?.find((each) => each.id === id)?.type ?? '';
  const [typed, setTyped] = useState<string>();
  const reading = useReading('frame-rate', async (client, DeviceId) => {
    const { FrameRate: rate } = await client.call('GetFrameRate', { DeviceId });
    rememberRate(type, rate);
    return rate;
  });
  const saving = useSaving(
    (client, DeviceId, rate) => client.call('SetFrameRate', { DeviceId, FrameRate: rate }),
    'frame-rate',
  );
  const wished = Number(typed);
  const isGood = wished > 0;
  return (
    <Section title="Frame rate" isInner>
      <Read reading={reading}>
        {(rate) => (
          <>
            <div className={styles['row']}>
              <Choice
                label="Frame rate in Hz"
                options={ratesOf(type, rate).map((value) => ({ value, label: `${value} Hz` }))}
                value={rate}
                saving={saving}
              />
              {typed === undefined && (
                <Button look="plain" disabled={blocked !== undefined} onClick={() => setTyped('')}>
                  Other…
                </Button>
              )}
            </div>
            {typed !== undefined && (
              <form
                className={styles['row']}
                onSubmit={(event: SubmitEvent) => {
                  event.preventDefault();
                  if (!isGood) return;
                  saving.save(wished, rate);
                  setTyped(undefined);
                }}
              >
                <label className={fields['field']}>
                  Frames per second
                  <input
                    inputMode="decimal"
                    autoFocus
                    value={typed}
                    onChange={({ currentTarget }) => setTyped(currentTarget.value)}
                  />
                </label>
                <Button type="submit" look="primary" disabled={!isGood || blocked !== undefined}>
                  Save frame rate
                </Button>
                <Button onClick={() => setTyped(undefined)}>Cancel</Button>
                <span className={fields['hint']}>
                  A device has a few rates; any other becomes the nearest.
                </span>
              </form>
            )}
            <SavedLine saving={saving} text={`Saved. The device runs at ${rate} Hz.`} />
          </>
        )}
      </Read>
    </Section>
  );
}

const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 7];

function EmfChannel(): JSX.Element {
  const { id } = useDeviceScope();
  const others = (useDevices() ?? []).filter((each) => each.id !== id && each.goneSince === undefined);
  const reading = useReading('emf-channel', (client, DeviceId) => client.call('GetEmfChannel', { DeviceId }));
  const saving = useSaving(
    (client, DeviceId, Channel) => client.call('SetEmfChannel', { DeviceId, Channel }),
    'emf-channel',
  );
  return (
    <Section title="EMF channel" hint="Devices that work together use one. A dot marks those in use." isInner>
      <Read reading={reading}>
        {({ Channel, FreqX, FreqY, FreqZ }) => {
          const all = CHANNELS.includes(Channel) ? CHANNELS : [...CHANNELS, Channel];
          return (
            <>
              <Choice
                label="EMF channel"
                options={all.map((value) => {
                  const users = others.filter(({ emfChannel }) => emfChannel === value).map(deviceTitle);
                  return {
                    value,
                    label: (
                      <>
                        {value}
                        {users.length > 0 && <span className={styles['used']} aria-hidden />}
                      </>
                    ),
                    note: users.length > 0 ? `used by ${users.join(', ')}` : undefined,
                  };
                })}
                value={Channel}
                saving={saving}
              />
              <SavedLine
                saving={saving}
                text={`Saved. It is on channel ${Channel}.`}
                idle={
                  FreqX == null || FreqY == null || FreqZ == null
                    ? ''
                    : `X ${FreqX} Hz, Y ${FreqY} Hz, Z ${FreqZ} Hz`
                }
              />
            </>
          );
        }}
      </Read>
    </Section>
  );
}

/** During input a number field may hold text. */
type Typed = number | string;
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
