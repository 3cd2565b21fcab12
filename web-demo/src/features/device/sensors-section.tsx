import { Table } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { IconButton } from '../../components/button.js';
import { versionText } from '../../lib/device-description.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Read, Section } from './section.js';
import { useReading } from './use-setting.js';

interface Version {
  readonly Major: number;
  readonly Minor: number;
  readonly Patch?: number | null | undefined;
  readonly Build?: number | null | undefined;
}

interface Sensor {
  readonly Addr: number;
  readonly FwVersion: Version;
  readonly BootVersion: Version;
  readonly BootStatusStr: string;
  readonly ValidCalib: boolean;
  readonly CalibrationID: number;
  readonly IdUnique: { readonly Str: string };
  readonly BuildNumber: number;
  readonly HwVersion: Version;
  readonly Vendor: string;
  readonly InBootloader: boolean;
}

interface Column {
  readonly title: string;
  readonly of: (sensor: Sensor) => string | number;
}

const COLUMNS: readonly Column[] = [
  { title: 'Address', of: ({ Addr }) => Addr },
  { title: 'Firmware', of: ({ FwVersion }) => versionText(FwVersion) },
  { title: 'Build', of: ({ BuildNumber }) => BuildNumber },
  { title: 'Bootloader', of: ({ BootVersion }) => versionText(BootVersion) },
  { title: 'Runs', of: ({ InBootloader }) => (InBootloader ? 'Bootloader' : 'Firmware') },
  { title: 'Boot status', of: ({ BootStatusStr }) => BootStatusStr },
  { title: 'Calibration', of: ({ ValidCalib }) => (ValidCalib ? 'Valid' : 'Not valid') },
  { title: 'Calibration id', of: ({ CalibrationID }) => CalibrationID },
  { title: 'Hardware', of: ({ HwVersion }) => versionText(HwVersion) },
  { title: 'Vendor', of: ({ Vendor }) => Vendor },
  { title: 'Unique id', of: ({ IdUnique }) => IdUnique.Str },
];

export function SensorsSection(): JSX.Element {
  const { blocked } = useDeviceScope();
  const reading = useReading('sensors', (client, DeviceId) => client.call('ReadSensorFwInfo', { DeviceId }));
  return (
    <Section
      title="Sensors"
      hint="Firmware and state of each sensor."
      aside={
        <IconButton
          icon="again"
          label="Read the sensors again"
          disabled={blocked !== undefined || reading.isFetching}
          onClick={() => void reading.refetch()}
        />
      }
    >
      <Read reading={reading}>{({ Sensors: sensors }) => <SensorTable sensors={sensors} />}</Read>
    </Section>
  );
}

interface Order {
  readonly title: string;
  readonly isDown: boolean;
}

function SensorTable({ sensors }: { readonly sensors: readonly Sensor[] }): JSX.Element {
  const [order, setOrder] = useState<Order>({ title: 'Address', isDown: false });
  const sorted = sort(sensors, order);
  return (
    <div className={styles['across']} role="region" aria-label="Sensors, as a table" tabIndex={0}>
      <Table striped>
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map(({ title }) => (
              <Heading key={title} title={title} order={order} onSort={setOrder} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sorted.map((sensor) => (
            <Table.Tr key={sensor.Addr}>
              {COLUMNS.map(({ title, of }) => (
                <Table.Td key={title}>{of(sensor)}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

interface HeadingProps {
  readonly title: string;
  readonly order: Order;
  readonly onSort: (order: Order) => void;
}

function Heading({ title, order, onSort }: HeadingProps): JSX.Element {
  const isThis = order.title === title;
  const sign = isThis ? (order.isDown ? ' ▾' : ' ▴') : '';
  return (
    <Table.Th scope="col" aria-sort={isThis ? (order.isDown ? 'descending' : 'ascending') : undefined}>
      <button
        type="button"
        className={styles['sort']}
        onClick={() => onSort({ title, isDown: isThis && !order.isDown })}
      >
        {title}
        <span aria-hidden>{sign}</span>
      </button>
    </Table.Th>
  );
}

function sort(sensors: readonly Sensor[], { title, isDown }: Order): Sensor[] {
  const of = COLUMNS.find((column) => column.title === title)?.of ?? (({ Addr }: Sensor) => Addr);
  const ascending = [...sensors].sort((a, b) => {
    const [left, right] = [of(a), of(b)];
    return typeof left === 'number' && typeof right === 'number'
      ? left - right
      : String(left).localeCompare(String(right), 'en', { numeric: true });
  });
  return isDown ? ascending.reverse() : ascending;
}
