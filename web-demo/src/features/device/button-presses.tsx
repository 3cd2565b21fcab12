import { Text } from '@mantine/core';
import { useCallback, useRef, useState } from 'react';
import type { JSX } from 'react';
import { useChannel } from '../../lib/studio.js';
import { clockText } from '../../lib/times.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Section } from './section.js';

interface Press {
  readonly key: number;
  readonly at: number;
  readonly kind: string;
}

const KINDS: Readonly<Record<string, string>> = {
  SinglePress: 'Single press',
  DoublePress: 'Double press',
  LongPress: 'Long press',
};
const MAX_PRESSES = 8;

/** Presses of the device's button. */
export function ButtonPresses(): JSX.Element {
  const { id, blocked } = useDeviceScope();
  const [presses, setPresses] = useState<readonly Press[]>([]);
  const lastKey = useRef(0);
  const onPress = useCallback(({ receivedAt, event }: { receivedAt: number; event: object }) => {
    lastKey.current += 1;
    const press = { key: lastKey.current, at: receivedAt, kind: kindOf(event) };
    setPresses((before) => [press, ...before].slice(0, MAX_PRESSES));
  }, []);
  useChannel([`devices/${id}/DeviceEvents/ButtonPushed`], onPress);
  const [newest, ...older] = presses;
  return (
    <Section title="Button">
      <div role="status">
        {newest === undefined ? (
          <Text c="dimmed">{blocked ?? 'Not pressed since this view was opened.'}</Text>
        ) : (
          <div key={newest.key} className={`${styles['press']} ${styles['flash']}`}>
            <Text span inherit fw={700}>
              {newest.kind}
            </Text>{' '}
            at {clockText(newest.at)}
          </div>
        )}
      </div>
      {newest !== undefined && blocked !== undefined && <Text size="sm">{blocked}</Text>}
      {older.length > 0 && (
        <ol className={styles['presses']} aria-label="Earlier presses, newest first">
          {older.map(({ key, at, kind }) => (
            <li key={key}>
              {kind} at {clockText(at)}
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}

function kindOf(event: object): string {
  const data = 'EventData' in event ? event.EventData : undefined;
  const type =
    typeof data === 'object' && data !== null && 'ButtonPushType' in data ? data.ButtonPushType : undefined;
  return typeof type === 'string' ? (KINDS[type] ?? type) : 'Press';
}
