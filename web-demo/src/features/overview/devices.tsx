import { Suspense, useDeferredValue, useState, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { lazyPart } from '../../components/lazy-part.js';
import { Notice } from '../../components/notice.js';
import { deviceTitle } from '../../lib/device-title.js';
import { statusOf } from '../../lib/device-status.js';
import type { DeviceFacts } from '../../lib/device-status.js';
import { CardGroups, RowGroups } from './device-groups.js';
import { DeviceTools, SelectionTools } from './device-tools.js';
import { groupsOf } from '../../lib/groups.js';
import type { Group } from '../../lib/groups.js';
import { layoutStore } from '../../lib/layout-store.js';
import styles from './overview.module.css';
import { useSelection } from './use-selection.js';

const Performers = lazyPart(() => import('./performers-dialog.js').then((m) => m.PerformersDialog));

/** From so many on, devices are shown as rows. */
const MANY = 13;

interface DevicesProps {
  readonly facts: readonly DeviceFacts[];
  readonly now: number;
  readonly isLive: boolean;
  readonly onCalibrate: ((deviceIds: readonly number[]) => void) | undefined;
}

/** All devices, by who wears them. */
export function Devices({ facts, now, isLive, onCalibrate }: DevicesProps): JSX.Element {
  const [search, setSearch] = useState('');
  const [isArranging, setArranging] = useState(false);
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const { layout, problem } = useSyncExternalStore(layoutStore.subscribe, layoutStore.snapshot);
  const selection = useSelection();
  const isMany = facts.length >= MANY;
  const groups = groupsOf(facts, layout);
  const found = wanted === '' ? groups : groups.flatMap((group) => narrowed(group, wanted, now));
  const count = found.reduce((sum, { devices }) => sum + devices.length, 0);
  const shown = { groups: found, now, isLive, selection, onCalibrate };
  return (
    <section aria-label="Devices">
      <div
        className={
          selection.chosen === undefined ? styles['tools'] : `${styles['tools']} ${styles['selecting']}`
        }
      >
        {isMany && (
          <input
            type="search"
            aria-label="Search devices"
            placeholder="Search by name, type or state"
            value={search}
            onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        )}
        <span className="dim" role="status">
          {wanted === '' ? countText(facts) : `${count} of ${facts.length}`}
          {!isLive && ' – not live'}
        </span>
        {selection.chosen === undefined ? (
          <DeviceTools
            facts={facts}
            onCalibrate={onCalibrate}
            onSelect={selection.begin}
            onArrange={() => setArranging(true)}
          />
        ) : (
          <SelectionTools
            facts={facts}
            shown={found.flatMap(({ devices }) => devices)}
            selection={selection}
            chosen={selection.chosen}
            onCalibrate={onCalibrate}
          />
        )}
      </div>
      {problem !== undefined && (
        <Notice level="warn" role="alert" title="Devices are grouped as usual">
          <p>{problem}</p>
        </Notice>
      )}
      {isMany ? <RowGroups {...shown} /> : <CardGroups {...shown} />}
      {count === 0 && <p>No device fits “{search}”.</p>}
      {isArranging && (
        <Suspense fallback={null}>
          <Performers onClose={() => setArranging(false)} />
        </Suspense>
      )}
    </section>
  );
}

/** A performer's name finds all of their devices. */
function narrowed(group: Group, wanted: string, now: number): Group[] {
  const isOwn = group.kind === 'performer' && group.name.toLowerCase().includes(wanted);
  const devices = isOwn ? group.devices : group.devices.filter((device) => fits(device, wanted, now));
  return devices.length === 0 ? [] : [{ ...group, devices }];
}

function fits(device: DeviceFacts, wanted: string, now: number): boolean {
  const { word } = statusOf(device, now);
  return [deviceTitle(device), device.type, String(device.id), word, device.firmware ?? '']
    .join(' ')
    .toLowerCase()
    .includes(wanted);
}

function countText(devices: readonly DeviceFacts[]): string {
  const gone = devices.filter(({ goneSince }) => goneSince !== undefined).length;
  return `${devices.length - gone} connected${gone > 0 ? `, ${gone} disconnected` : ''}`;
}
