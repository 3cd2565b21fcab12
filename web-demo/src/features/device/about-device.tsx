import type { JSX } from 'react';
import { versionText } from '../../lib/device-description.js';
import styles from './device.module.css';
import { Read, Section } from './section.js';
import { useReading } from './use-setting.js';

/** Versions and production data that the device reports. */
export function AboutDevice(): JSX.Element {
  const reading = useReading('info', (client, DeviceId) => client.call('GetDeviceInfo', { DeviceId }));
  return (
    <Section title="About">
      <Read reading={reading}>
        {(info) => (
          <dl className={styles['facts']}>
            <Fact term="Firmware" value={versionText(info.FwVersion)} />
            <Fact term="Bootloader" value={versionText(info.BootVersion)} />
            <Fact term="Hardware" value={versionText(info.HwVersion)} />
            <Fact term="Serial number" value={info.HubSerialNumber.Str} />
            <Fact term="Unique id" value={info.IdUnique.Str} />
            <Fact term="USB interface" value={versionText(info.UsbApiVersion)} />
            <Fact term="Wi-Fi interface" value={versionText(info.WifiApiVersion)} />
            <Fact term="Bluetooth interface" value={versionText(info.BtApiVersion)} />
            {info.Smartgloves != null && (
              <Fact term="Hand" value={info.Smartgloves.IsLeft ? 'Left' : 'Right'} />
            )}
            {info.SmartSuitPro != null && <Fact term="Gloves" value={gloves(info.SmartSuitPro.Features)} />}
          </dl>
        )}
      </Read>
    </Section>
  );
}

function Fact({ term, value }: { readonly term: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{term}</dt>
      <dd className="wrap-anywhere">{value}</dd>
    </div>
  );
}

function gloves(features: { readonly HasLeftGlove: boolean; readonly HasRightGlove: boolean }): string {
  const { HasLeftGlove, HasRightGlove } = features;
  if (HasLeftGlove && HasRightGlove) return 'Left and right';
  if (HasLeftGlove) return 'Left only';
  return HasRightGlove ? 'Right only' : 'None';
}
