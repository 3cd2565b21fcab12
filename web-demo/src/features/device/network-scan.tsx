import { Button, Group, Loader, NativeSelect, NumberInput, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import { clockText } from '../../lib/times.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Elapsed } from './elapsed.js';
import { BANDS, byStrength, isBand, strength } from './network-draft.js';
import type { ScannedNetwork } from './network-draft.js';
import { Failure, Section } from './section.js';
import { useMeasurement } from './use-setting.js';

interface NetworkScanProps {
  /** Undefined until the settings have been read. */
  readonly onUse: ((scanned: ScannedNetwork) => void) | undefined;
  /** The band and channel that the device uses now. */
  readonly place: { readonly Band: number; readonly ChannelNo: number } | undefined;
}

/** Scans for networks in reach of the device. */
export function NetworkScan({ onUse, place }: NetworkScanProps): JSX.Element {
  const { blocked } = useDeviceScope();
  const [chosenBand, setBand] = useState<string>();
  const [chosenChannel, setChannel] = useState<number | string>();
  const band = chosenBand ?? String(place?.Band ?? 1);
  const channel = chosenChannel ?? place?.ChannelNo ?? 36;
  const scan = useMeasurement('scan', async (client, DeviceId) => {
    const Band = Number(band);
    if (!isBand(Band)) throw new Error('Choose a band.');
    const { ScanResults } = await client.call('ScanNetwork', { DeviceId, Band, ChannelNo: Number(channel) });
    return ScanResults;
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (blocked === undefined && !scan.isFetching) void scan.refetch();
  };
  return (
    <Section title="Networks in reach" hint="A scan takes seconds, in which the radio does nothing else.">
      <form onSubmit={submit}>
        <Group align="flex-end" gap="sm" mb="sm">
          <NativeSelect
            label="Scan band"
            data={[...BANDS]}
            value={band}
            disabled={blocked !== undefined}
            onChange={({ currentTarget }) => setBand(currentTarget.value)}
          />
          <NumberInput
            label="Scan channel"
            w="7rem"
            allowDecimal={false}
            value={channel}
            disabled={blocked !== undefined}
            onChange={setChannel}
            hideControls
          />
          <Button
            type="submit"
            loading={scan.isFetching}
            disabled={blocked !== undefined || typeof channel !== 'number'}
          >
            Scan
          </Button>
        </Group>
      </form>
      <Stack gap="sm">
        <Group gap="xs" role="status">
          {scan.isFetching && <Loader size="xs" aria-hidden />}
          <Text size="sm">
            {blocked ??
              (scan.isFetching ? (
                <>
                  The device listens… <Elapsed />
                </>
              ) : scan.data !== undefined ? (
                `${counted(scan.data.length)} at ${clockText(scan.dataUpdatedAt)}, the strongest first.`
              ) : (
                ''
              ))}
          </Text>
        </Group>
        {scan.error !== null && !scan.isFetching && <Failure error={scan.error} />}
        {scan.data !== undefined && scan.data.length > 0 && (
          <NetworkTable networks={byStrength(scan.data)} onUse={onUse} />
        )}
      </Stack>
    </Section>
  );
}

function counted(count: number): string {
  return count === 1 ? '1 network' : `${count === 0 ? 'No' : count} networks`;
}

interface NetworkTableProps extends Pick<NetworkScanProps, 'onUse'> {
  readonly networks: readonly ScannedNetwork[];
}

function NetworkTable({ networks, onUse }: NetworkTableProps): JSX.Element {
  const { blocked } = useDeviceScope();
  return (
    <div className={styles['across']} role="region" aria-label="Networks in reach, as a table" tabIndex={0}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Network</Table.Th>
            <Table.Th scope="col" aria-sort="descending">
              Signal
            </Table.Th>
            <Table.Th scope="col">Security</Table.Th>
            <Table.Th scope="col">Channel</Table.Th>
            <Table.Th scope="col">Access point</Table.Th>
            <Table.Td />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {networks.map((scanned) => (
            <Table.Tr key={`${scanned.Bssid.Str} ${scanned.Ssid.Str}`}>
              <Table.Th scope="row">{scanned.Ssid.Str === '' ? '(hidden)' : scanned.Ssid.Str}</Table.Th>
              <Table.Td>
                <Signal rssi={scanned.Rssi} />
              </Table.Td>
              <Table.Td>{scanned.SecurityMode}</Table.Td>
              <Table.Td>{scanned.ChannelNo}</Table.Td>
              <Table.Td className="mono">{scanned.Bssid.Str}</Table.Td>
              <Table.Td>
                <Button
                  size="compact-sm"
                  variant="default"
                  disabled={onUse === undefined || blocked !== undefined}
                  aria-label={`Use this network: ${scanned.Ssid.Str}, channel ${scanned.ChannelNo}`}
                  onClick={() => onUse?.(scanned)}
                >
                  Use this network
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Signal({ rssi }: { readonly rssi: number }): JSX.Element {
  const { bars, word } = strength(rssi);
  return (
    <Group gap="xs" wrap="nowrap">
      <svg width="20" height="16" viewBox="0 0 20 16" className={styles['bars']} aria-hidden>
        {[1, 2, 3, 4].map((bar) => (
          <rect
            key={bar}
            x={(bar - 1) * 5}
            y={16 - bar * 4}
            width="4"
            height={bar * 4}
            data-on={bar <= bars || undefined}
          />
        ))}
      </svg>
      <span>
        {word}, {rssi} dBm
      </span>
    </Group>
  );
}
