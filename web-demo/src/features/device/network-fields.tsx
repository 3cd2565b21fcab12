import { NativeSelect, NumberInput, PasswordInput, SimpleGrid, Switch, TextInput } from '@mantine/core';
import type { JSX } from 'react';
import { useDeviceScope } from './device-scope.js';
import { BANDS, isSecurityType, SECURITY_TYPES, securityText, textBytes } from './network-draft.js';
import type { NetworkSettings } from './network-draft.js';

interface NetworkFieldsProps {
  readonly value: NetworkSettings;
  readonly faults: Partial<Record<keyof NetworkSettings, string>>;
  readonly onChange: (value: NetworkSettings) => void;
}

export function NetworkFields({ value, faults, onChange }: NetworkFieldsProps): JSX.Element {
  const { blocked } = useDeviceScope();
  const disabled = blocked !== undefined;
  const set = (changes: Partial<NetworkSettings>): void => onChange({ ...value, ...changes });
  const text = (key: 'ServerIp' | 'DeviceIp' | 'Gateway', label: string): JSX.Element => (
    <TextInput
      label={label}
      value={value[key]}
      disabled={disabled}
      error={faults[key]}
      onChange={({ currentTarget }) => set({ [key]: currentTarget.value })}
      autoComplete="off"
    />
  );
  const number = (key: 'HubAddr' | 'ChannelNo' | 'ServerPort', label: string): JSX.Element => (
    <NumberInput
      label={label}
      value={Number.isNaN(value[key]) ? '' : value[key]}
      disabled={disabled}
      error={faults[key]}
      onChange={(typed) => set({ [key]: typeof typed === 'number' ? typed : NaN })}
      hideControls
    />
  );
  const securities = isSecurityType(value.SecurityType)
    ? [...SECURITY_TYPES]
    : [value.SecurityType, ...SECURITY_TYPES];
  const options = securities.map((each) => ({ value: each, label: securityText(each) }));
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} spacing="sm" verticalSpacing="xs">
      <TextInput
        label="Network (SSID)"
        value={value.Ssid.Str}
        disabled={disabled}
        error={faults.Ssid}
        onChange={({ currentTarget }) => set({ Ssid: textBytes(currentTarget.value) })}
        autoComplete="off"
      />
      <PasswordInput
        label="Key (PSK)"
        value={value.Psk.Str}
        disabled={disabled}
        // A key that is still to be typed is no mistake.
        error={value.Psk.Raw.length === 0 ? undefined : faults.Psk}
        onChange={({ currentTarget }) => set({ Psk: textBytes(currentTarget.value) })}
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the key', tabIndex: 0 }}
        autoComplete="off"
      />
      <NativeSelect
        label="Security"
        value={value.SecurityType}
        disabled={disabled}
        error={faults.SecurityType}
        data={options}
        onChange={({ currentTarget }) => set({ SecurityType: currentTarget.value })}
      />
      <NativeSelect
        label="Band"
        value={String(value.Band)}
        disabled={disabled}
        data={[...BANDS]}
        onChange={({ currentTarget }) => set({ Band: Number(currentTarget.value) })}
      />
      {number('ChannelNo', 'Wi-Fi channel')}
      <Switch
        label="Automatic address (DHCP)"
        checked={value.DhcpMode !== 0}
        disabled={disabled}
        onChange={({ currentTarget }) => set({ DhcpMode: currentTarget.checked ? 1 : 0 })}
      />
      {text('DeviceIp', 'Address of the device')}
      {text('Gateway', 'Gateway')}
      {text('ServerIp', 'Send data to')}
      {number('ServerPort', 'Port')}
      {number('HubAddr', 'Hub address')}
    </SimpleGrid>
  );
}
