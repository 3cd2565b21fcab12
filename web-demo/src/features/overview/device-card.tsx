import { Badge, Group, Paper, Text, Title } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import { Link } from 'wouter';
import { Clock } from '../../components/clock.js';
import type { Calibration, DeviceCard as Device } from '../../lib/device-store.js';
import { deviceTitle } from '../../lib/device-title.js';
import { Fact, FactList } from '../../components/fact.js';
import styles from './overview.module.css';

interface DeviceCardProps {
  readonly device: Device;
  /** When false, the card shows the last known state. */
  readonly isLive: boolean;
}

/** Summary of a device, with a link to its view. */
export function DeviceCard({ device, isLive }: DeviceCardProps): JSX.Element {
  const { id, type, connection, firmware, updatable, bootloader, lastSeen, goneSince } = device;
  const isGone = goneSince !== undefined;
  return (
    <Paper
      withBorder
      p="md"
      h="100%"
      component="article"
      className={isGone || !isLive ? `${styles.card} stale` : styles.card}
      aria-labelledby={`device-${id}`}
    >
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="xs">
        <Title order={3} size="h4" id={`device-${id}`} className="wrap-anywhere">
          <Link href={`/devices/${id}`} className={styles.cardLink}>
            {deviceTitle(device)}
          </Link>
        </Title>
        <Text c="dimmed" size="sm" aria-label={`Number ${id}`} role="img">
          #{id}
        </Text>
      </Group>
      <Group gap="xs" mt={4}>
        {isGone ? (
          <Badge variant="outline" color="gray" className="badge-wrap">
            Disconnected <Clock at={goneSince} />
          </Badge>
        ) : (
          !isLive && (
            <Badge variant="outline" color="gray">
              Not live
            </Badge>
          )
        )}
        {bootloader && (
          <Badge variant="filled" color="orange.9">
            In bootloader
          </Badge>
        )}
      </Group>
      <FactList>
        <Fact term="Type">{type}</Fact>
        <Fact term="Connection">{connection}</Fact>
        <Fact term="Firmware">{firmware ?? 'Not told'}</Fact>
        <Fact term="Updatable">{updatable ? 'Yes' : 'No'}</Fact>
        <Fact term="Bootloader">{bootloader ? 'Running' : 'No'}</Fact>
        <Fact term="Calibrated">{calibrationOf(device.calibrated)}</Fact>
        <Fact term="Last seen">{lastSeen === undefined ? 'Not known' : <Clock at={lastSeen} />}</Fact>
      </FactList>
    </Paper>
  );
}

function calibrationOf(calibrated: Calibration | undefined): ReactNode {
  if (calibrated === undefined) return 'Not known';
  return (
    <>
      {calibrated.success ? 'Yes, ' : 'Failed '}
      <Clock at={calibrated.at} />
    </>
  );
}
