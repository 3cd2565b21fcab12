import { useQuery } from '@tanstack/react-query';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { JSX, KeyboardEvent, ReactNode } from 'react';
import { useLocation } from 'wouter';
import { RcspError } from '../../../../src/client/index.js';
import type { RcspClient } from '../../../../src/client/index.js';
import { CalibrateDialog } from '../../components/calibrate-dialog.js';
import { findDevice } from '../../components/find-device.js';
import { Icon } from '../../components/icon.js';
import { holderText, includes, useAccess, useAccessStore, useMay } from '../../lib/access.js';
import { alerts } from '../../lib/alerts.js';
import { performersOf } from '../../lib/groups.js';
import { lastCurl } from '../../lib/last-curl.js';
import { layoutStore } from '../../lib/layout-store.js';
import { fromHex, RING, sendColour } from '../../lib/led.js';
import { marks } from '../../lib/mark-store.js';
import { scanWish } from '../../lib/scan-wish.js';
import { useDevices, useIsLive, useStudio } from '../../lib/studio.js';
import { bestMatches } from './match.js';
import { paletteItems, searchOf, textOf } from './palette-items.js';
import type { Available, PaletteAction, PaletteItem } from './palette-items.js';
import { paletteStore } from './palette-store.js';
import styles from './palette.module.css';

const MOST = 12;

interface PaletteProps extends Pick<Available, 'views'> {
  /** Says how an action ended. */
  readonly onTold: (text: string) => void;
}

/** Finds anything by a few letters. Arrow keys choose, Enter runs. */
export function Palette({ views, onTold }: PaletteProps): JSX.Element {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const [calibrating, setCalibrating] = useState<readonly number[]>();
  const found = useFound(query, views);
  const may = useMay('control');
  const run = useRun(onTold, setCalibrating);
  // Before the list is painted for the first time.
  useLayoutEffect(() => setQuery((before) => before + paletteStore.takeTyped()), []);
  const close = (): void => paletteStore.open('closed');
  const choose = (item: PaletteItem | undefined): void => {
    if (item === undefined) return;
    paletteStore.use(item.id);
    if (item.action.is !== 'calibrate' && item.action.is !== 'keys') close();
    run(item.action);
  };
  if (calibrating !== undefined) return <CalibrateDialog deviceIds={calibrating} onClose={close} />;
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setAt((before) => (before + step + found.length) % Math.max(found.length, 1));
    else if (event.key === 'Enter') choose(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Sheet onClose={close}>
      <input
        className={styles['input']}
        role="combobox"
        aria-label="Find a device, a view or a command"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] === undefined ? undefined : `palette-${at}`}
        placeholder="Device, view or command: “calibrate left”, “led right #ff6000”"
        value={query}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        onKeyDown={onKey}
        onChange={({ currentTarget }) => {
          setQuery(currentTarget.value);
          setAt(0);
        }}
      />
      <div id="palette-list" role="listbox" aria-label="Found" className={styles['list']}>
        {found.map((item, index) => (
          <div
            key={item.id}
            id={`palette-${index}`}
            role="option"
            aria-selected={index === at}
            className={styles['option']}
            onPointerMove={() => setAt(index)}
            onClick={() => choose(item)}
          >
            <Icon name={item.icon} />
            <bdi className={styles['label']}>{item.label}</bdi>
            <span className={styles['hint']}>{item.hint}</span>
          </div>
        ))}
      </div>
      {may.reason && <p className={styles['none']}>{may.reason}</p>}
      <p role="status" className={found.length === 0 ? styles['none'] : 'unseen'}>
        {found.length === 0 ? 'Nothing has these letters.' : `${found.length} found`}
      </p>
    </Sheet>
  );
}

interface SheetProps {
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** The browser keeps the focus in it, and gives it back afterwards. */
function Sheet({ onClose, children }: SheetProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const opened = dialog.current;
    const opener = document.activeElement;
    opened?.showModal();
    opened?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => {
      opened?.close();
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles['sheet']}
      aria-label="Command palette"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === dialog.current && onClose()}
    >
      {children}
    </dialog>
  );
}

function useFound(query: string, views: Available['views']): readonly PaletteItem[] {
  const { client } = useStudio();
  const devices = useDevices();
  const isLive = useIsLive();
  const present = devices?.filter(({ goneSince }) => goneSince === undefined) ?? [];
  const ids = [...new Map(present.map(({ type, id }) => [type, id])).values()];
  const { data: commands = [] } = useQuery({
    queryKey: ['command-names', isLive, ids.join()],
    queryFn: () => commandNames(client, ids),
    enabled: isLive,
  });
  const hasControl = useHasControl();
  const mayControl = useMay('control').isAllowed;
  const [recent] = useState(() => paletteStore.recent());
  return useMemo(() => {
    const all = paletteItems(query, {
      views,
      devices: devices ?? [],
      commands,
      performers: performersOf(devices ?? [], layoutStore.snapshot().layout),
      hasControl,
      mayControl,
      hasSounds: alerts.snapshot().hasSounds,
      hasCurl: lastCurl() !== undefined,
      isLive,
    });
    const rank = (id: string): number => (recent.includes(id) ? recent.indexOf(id) : recent.length);
    const ordered = all.toSorted((a, b) => rank(a.id) - rank(b.id));
    return bestMatches(searchOf(query), ordered, textOf, MOST);
  }, [query, views, devices, commands, hasControl, mayControl, isLive, recent]);
}

/** Undefined where there is no lease, and where the token is not for it. */
function useHasControl(): boolean | undefined {
  const { me, lease } = useAccess();
  if (me?.hasLease !== true || lease.state === undefined || !includes(me.scope, 'control')) return undefined;
  return lease.ownName !== undefined && lease.state.holder === lease.ownName;
}

/** Those of the studio, and of one device of each type. */
async function commandNames(client: RcspClient, ids: readonly number[]): Promise<readonly string[]> {
  const lists: readonly unknown[] = await Promise.all([
    client.call('ListCommands', {}),
    ...ids.map((DeviceId) => client.call('ListDeviceCommands', { DeviceId }).catch(() => undefined)),
  ]);
  return [...new Set(lists.flatMap(namesIn))].sort();
}

/** Its argument descriptions make the answer's type too deep to follow. */
function namesIn(listed: unknown): readonly string[] {
  const { Commands, DeviceCommands = Commands }: { Commands?: unknown; DeviceCommands?: unknown } =
    typeof listed === 'object' && listed !== null ? listed : {};
  return (Array.isArray(DeviceCommands) ? DeviceCommands : []).flatMap((each: unknown) => {
    const { Command }: { Command?: unknown } = typeof each === 'object' && each !== null ? each : {};
    return typeof Command === 'string' ? [Command] : [];
  });
}

function useRun(
  onTold: (text: string) => void,
  onCalibrate: (ids: readonly number[]) => void,
): (action: PaletteAction) => void {
  const { client } = useStudio();
  const { take, release } = useAccessStore();
  const [, navigate] = useLocation();
  const told = (done: Promise<unknown>, text: string): void => {
    done.then(
      () => onTold(text),
      (error: unknown) => onTold(error instanceof RcspError ? reasonOf(error) : String(error)),
    );
  };
  return (action) => {
    switch (action.is) {
      case 'go':
        return navigate(action.href);
      case 'leave':
        return location.assign(action.href);
      case 'calibrate':
        return onCalibrate(action.ids);
      case 'find':
        return told(findDevice(client, action.id), 'It blinked');
      case 'led': {
        const colour = fromHex(action.colour);
        if (colour === undefined) return undefined;
        const sent = sendColour(client, action.id, { LedId: RING, ...colour });
        return told(sent, `The ring is ${action.colour}`);
      }
      case 'scan':
        scanWish.ask(action.id);
        return navigate(`/devices/${action.id}/wifi`);
      case 'control':
        return action.isTaken
          ? told(take(false), 'You have control')
          : told(release(), 'You gave control back');
      case 'sounds':
        alerts.setSounds(!alerts.snapshot().hasSounds);
        return onTold(alerts.snapshot().hasSounds ? 'Sounds are on' : 'Sounds are off');
      case 'mark':
        return onTold(`${marks.add().label} set`);
      case 'keys':
        return paletteStore.open('keys');
      case 'copy-curl':
        return told(navigator.clipboard.writeText(lastCurl() ?? ''), 'Copied the curl line');
    }
  };
}

function reasonOf({ code, detail, holder }: RcspError): string {
  if (holder === undefined) return `${code}: ${detail}`;
  return `${holderText(holder)} has control. Take it over at the top of the page.`;
}
