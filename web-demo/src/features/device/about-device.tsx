import { SimpleGrid, Text } from '@mantine/core';
import type { JSX } from 'react';
import { versionText } from '../../lib/device-description.js';
import { Read, Section } from './section.js';
import { useReading } from './use-setting.js';

/** Versions and production data that the device reports. */
export function AboutDevice(): JSX.Element {
  const reading = useReading('info', (client, DeviceId) => client.call('GetDeviceInfo', { DeviceId }));
  return (
    <Section title="About this device">
      <Read reading={reading} showsBlocked>
        {(info) => (
          <SimpleGrid component="dl" m={0} cols={{ base: 2, xs: 3, lg: 4 }} spacing="md" verticalSpacing="xs">
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
          </SimpleGrid>
        )}
      </Read>
    </Section>
  );
}

function Fact({ term, value }: { readonly term: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <Text component="dt" size="sm" c="dimmed">
        {term}
      </Text>
      <Text component="dd" m={0} size="sm" className="wrap-anywhere">
        {value}
      </Text>
    </div>
  );
}

function gloves(features: { readonly HasLeftGlove: boolean; readonly HasRightGlove: boolean }): string {
  const { HasLeftGlove, HasRightGlove } = features;
  if (HasLeftGlove && HasRightGlove) return 'Left and right';
  if (HasLeftGlove) return 'Left only';
  return HasRightGlove ? 'Right only' : 'None';
}
