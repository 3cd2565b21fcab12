import { Table } from '@mantine/core';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { JSX, SubmitEvent } from 'react';
import { Button } from '../../components/button.js';
import fields from '../../components/field.module.css';
import { scanWish } from '../../lib/scan-wish.js';
import { clockText } from '../../lib/times.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Elapsed } from './elapsed.js';
import { BANDS, byStrength, isBand, macText, securityText, strength } from './network-draft.js';
import type { ScannedNetwork } from './network-draft.js';
import { Failure, Section } from './section.js';
import { useMeasurement } from './use-setting.js';

interface NetworkScanProps {
  /** Undefined until the settings have been read. */
  readonly onJoin: ((scanned: ScannedNetwork) => void) | undefined;
  /** The band and channel that the device uses now. */
  readonly place: { readonly Band: number; readonly ChannelNo: number } | undefined;
}

/** Scans for networks in reach of the device. */
export function NetworkScan({ onJoin, place }: NetworkScanProps): JSX.Element {
  const { id, blocked } = useDeviceScope();
  const [chosenBand, setBand] = useState<string>();
  const [chosenChannel, setChannel] = useState<string>();
  const band = chosenBand ?? String(place?.Band ?? 1);
  const channel = chosenChannel ?? String(place?.ChannelNo ?? 36);
  const isGood = /^\d{1,3}$/.test(channel);
  const scan = useMeasurement('scan', async (client, DeviceId) => {
    const Band = Number(band);
    if (!isBand(Band)) throw new Error('Choose a band.');
    const { ScanResults } = await client.call('ScanNetwork', { DeviceId, Band, ChannelNo: Number(channel) });
    return ScanResults;
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (blocked === undefined && isGood && !scan.isFetching) void scan.refetch();
  };
  const isWished = useSyncExternalStore(scanWish.subscribe, scanWish.snapshot) === id;
  // Where the device is now has been read: that is where it scans.
  const isReady = isWished && place !== undefined && blocked === undefined;
  const { refetch } = scan;
  useEffect(() => {
    if (isReady) void refetch();
    // What cannot be done now is not done later, unasked.
    if (isReady || (isWished && blocked !== undefined)) scanWish.ask(undefined);
  }, [isReady, isWished, blocked, refetch]);
  useEffect(
    () => () => {
      if (scanWish.snapshot() === id) scanWish.ask(undefined);
    },
    [id],
  );
  return (
    <Section title="Networks in reach" isInner>
      <form onSubmit={submit} className={styles['row']}>
        <label className={fields['field']}>
          Scan band
          <select
            value={band}
            disabled={blocked !== undefined}
            onChange={({ currentTarget }) => setBand(currentTarget.value)}
          >
            {BANDS.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label className={fields['field']} style={{ maxWidth: '8rem' }}>
          Scan channel
          <input
            inputMode="numeric"
            value={channel}
            aria-invalid={!isGood || undefined}
            disabled={blocked !== undefined}
            onChange={({ currentTarget }) => setChannel(currentTarget.value)}
          />
        </label>
        <Button
          type="submit"
          icon="search"
          isBusy={scan.isFetching}
          disabled={blocked !== undefined || !isGood}
          style={{ alignSelf: 'flex-end' }}
        >
          Scan
        </Button>
      </form>
      <p role="status" className={styles['hint']}>
        {blocked ??
          (scan.isFetching ? (
            <>
              The device listens, and its radio does nothing else… <Elapsed />
            </>
          ) : scan.data !== undefined ? (
            `${counted(scan.data.length)} at ${clockText(scan.dataUpdatedAt)}, the strongest first.`
          ) : (
            'A scan takes seconds, in which the radio does nothing else.'
          ))}
      </p>
      {scan.error !== null && !scan.isFetching && <Failure error={scan.error} />}
      {scan.data !== undefined && scan.data.length > 0 && (
        <NetworkTable networks={byStrength(scan.data)} onJoin={onJoin} />
      )}
    </Section>
  );
}

function counted(count: number): string {
  return count === 1 ? '1 network' : `${count === 0 ? 'No' : count} networks`;
}

interface NetworkTableProps extends Pick<NetworkScanProps, 'onJoin'> {
  readonly networks: readonly ScannedNetwork[];
}

function NetworkTable({ networks, onJoin }: NetworkTableProps): JSX.Element {
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
              <Table.Td>{securityText(scanned.SecurityMode)}</Table.Td>
              <Table.Td>{scanned.ChannelNo}</Table.Td>
              <Table.Td className="mono">{macText(scanned.Bssid.Str)}</Table.Td>
              <Table.Td>
                <Button
                  disabled={onJoin === undefined || blocked !== undefined}
                  aria-label={`Join ${scanned.Ssid.Str}, channel ${scanned.ChannelNo}`}
                  onClick={() => onJoin?.(scanned)}
                >
                  Join…
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
    <span className={styles['signal']}>
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
    </span>
  );
}
