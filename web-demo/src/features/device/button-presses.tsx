import { useCallback, useEffect, useRef, useState } from 'react';
import type { JSX } from 'react';
import { ask } from '../../lib/gateway.js';
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
  useEffect(() => {
    let isCurrent = true;
    void readPast(id).then((past) => {
      if (isCurrent)
        setPresses((fresh) =>
          [...fresh, ...past.filter(({ at }) => fresh.every((press) => press.at !== at))].slice(
            0,
            MAX_PRESSES,
          ),
        );
    });
    return () => void (isCurrent = false);
  }, [id]);
  const [newest, ...older] = presses;
  return (
    <Section title="Button" isInner>
      <div role="status">
        {newest === undefined ? (
          <span className="dim">{blocked ?? 'Not pressed yet.'}</span>
        ) : (
          <div key={newest.key} className={`${styles['press']} ${styles['flash']}`}>
            <strong>{newest.kind}</strong> at {clockText(newest.at)}
          </div>
        )}
      </div>
      {newest !== undefined && blocked !== undefined && <p>{blocked}</p>}
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

/** Newest first; empty when the gateway keeps no history or is unreachable. */
async function readPast(id: number): Promise<Press[]> {
  try {
    const { events } = await ask<{ events: { receivedAt: number; event: object }[] }>(
      'GET',
      `v1/history?channel=devices/${id}/DeviceEvents/ButtonPushed&limit=${MAX_PRESSES}`,
    );
    return events
      .map(({ receivedAt, event }, index) => ({ key: -1 - index, at: receivedAt, kind: kindOf(event) }))
      .reverse();
  } catch {
    return [];
  }
}

function kindOf(event: object): string {
  const data = 'EventData' in event ? event.EventData : undefined;
  const type =
    typeof data === 'object' && data !== null && 'ButtonPushType' in data ? data.ButtonPushType : undefined;
  return typeof type === 'string' ? (KINDS[type] ?? type) : 'Press';
}
