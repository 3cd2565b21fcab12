import { Button, Group, Stack, Text } from '@mantine/core';
import { useRef, useState } from 'react';
import type { JSX } from 'react';
import { ConfirmDialog } from '../../components/confirm-dialog.js';
import { useDeviceScope } from './device-scope.js';
import { faultsOf, isBand, isSecurityType, withNetwork } from './network-draft.js';
import type { ScannedNetwork, NetworkSettings } from './network-draft.js';
import { NetworkFields } from './network-fields.js';
import { NetworkScan } from './network-scan.js';
import { Failure, Section, Unsupported } from './section.js';
import { SettingForm } from './setting-form.js';
import { useReading, useSending, useSetting, useSupports } from './use-setting.js';

export function NetworkSection(): JSX.Element {
  const supports = useSupports('GetNetworkConfiguration');
  if (supports === false) {
    return (
      <Section title="Network">
        <Unsupported />
      </Section>
    );
  }
  return <Network />;
}

function Network(): JSX.Element {
  const { name } = useDeviceScope();
  const [isAsking, setAsking] = useState(false);
  const key = useRef<HTMLInputElement>(null);
  const setting = useSetting<NetworkSettings>(
    'network',
    (client, DeviceId) => client.call('GetNetworkConfiguration', { DeviceId }),
    (client, DeviceId, { SecurityType, Band, Ssid, Psk, ...rest }) => {
      if (!isSecurityType(SecurityType) || !isBand(Band)) throw new Error('Choose a security and a band.');
      const Settings = {
        ...rest,
        SecurityType,
        Band,
        Ssid: { ...Ssid, Raw: [...Ssid.Raw] },
        Psk: { ...Psk, Raw: [...Psk.Raw] },
      };
      return client.call('SetNetworkConfiguration', { DeviceId, Settings });
    },
  );
  const { value } = setting;
  const faults = value === undefined ? {} : faultsOf(value);
  const hasFaults = Object.keys(faults).length > 0;
  const use = (scanned: ScannedNetwork): void => {
    if (value === undefined) return;
    setting.edit(withNetwork(value, scanned));
    key.current?.focus();
  };
  return (
    <Stack>
      <SettingForm
        title="Network settings"
        hint="Saved to the device; its Wi-Fi uses them once it is started anew."
        setting={setting}
        saveLabel="Save network settings"
        fault={setting.isChanged && hasFaults ? 'Some of the settings are not right yet.' : undefined}
        onSubmit={() => setAsking(true)}
      >
        {(settings) => (
          <NetworkFields value={settings} faults={faults} onChange={setting.edit} keyField={key} />
        )}
      </SettingForm>
      <ConfirmDialog
        isOpen={isAsking}
        question={`Change the network settings of ${name}?`}
        yes="Change network settings"
        onYes={setting.save}
        onNo={() => setAsking(false)}
      >
        <Text>
          {name} will use the network {value?.Ssid.Str}. With a wrong setting a device that is reached over
          Wi-Fi is lost until it is connected by cable.
        </Text>
      </ConfirmDialog>
      <NetworkScan onUse={value === undefined ? undefined : use} place={setting.reading.data} />
      <WifiStart />
    </Stack>
  );
}

function WifiStart(): JSX.Element {
  const { name, blocked } = useDeviceScope();
  const [isAsking, setAsking] = useState(false);
  const version = useReading('wifi-version', (client, DeviceId) =>
    client.call('GetWifiVersion', { DeviceId }),
  );
  const starting = useSending((client, DeviceId, _: undefined) => client.call('StartWifi', { DeviceId }));
  return (
    <Section
      title="Wi-Fi module"
      hint={version.data === undefined ? undefined : `Firmware ${version.data.WifiFwVersion}`}
    >
      <Stack gap="sm">
        <Group gap="sm">
          <Button
            variant="default"
            loading={starting.isPending}
            disabled={blocked !== undefined}
            onClick={() => setAsking(true)}
          >
            Start Wi-Fi anew
          </Button>
          <Text size="sm" role="status">
            {blocked ?? (starting.isPending ? 'Starting…' : starting.isSuccess ? 'Started.' : '')}
          </Text>
        </Group>
        {starting.error !== null && <Failure error={starting.error} onClose={starting.reset} />}
      </Stack>
      <ConfirmDialog
        isOpen={isAsking}
        question={`Start the Wi-Fi of ${name} anew?`}
        yes="Start Wi-Fi anew"
        onYes={() => starting.mutate(undefined)}
        onNo={() => setAsking(false)}
      >
        <Text>
          It connects with the settings that were saved last. While it does, {name} is not reached over Wi-Fi.
        </Text>
      </ConfirmDialog>
    </Section>
  );
}
