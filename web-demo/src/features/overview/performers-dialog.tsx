import { useState, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { Button, IconButton } from '../../components/button.js';
import { useCopier } from '../../components/clipboard.js';
import { Dialog } from '../../components/dialog.js';
import { Notice } from '../../components/notice.js';
import ui from '../../components/ui.module.css';
import { listedTitle } from '../../lib/device-title.js';
import { saveFile } from '../../lib/save-file.js';
import { useDevices } from '../../lib/studio.js';
import { performersOf } from '../../lib/groups.js';
import { fileOf, layoutFromFile, moved, NO_LAYOUT } from '../../lib/layout.js';
import type { Layout } from '../../lib/layout.js';
import { layoutStore, reasonOf } from '../../lib/layout-store.js';
import styles from './performers.module.css';

/** Who wears what. Kept in this browser; RCSP knows nothing of performers. */
export function PerformersDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const devices = useDevices() ?? [];
  const { layout: kept } = useSyncExternalStore(layoutStore.subscribe, layoutStore.snapshot);
  // What the page shows by itself becomes the user's own with the first change.
  const layout = { performers: performersOf(devices, kept) };
  const change = (changed: Layout): void => layoutStore.set(changed);
  return (
    <Dialog title="Performers" onClose={onClose}>
      <p className="dim">
        Who wears what, as this browser shows it: the studio knows nothing of it. Devices that nobody wears
        are studio-wide.
      </p>
      <ul className={styles['performers']} aria-label="Performers">
        {layout.performers.map(({ name }, index) => (
          <PerformerRow
            key={`${index} ${name}`}
            name={name}
            names={layout.performers.map((each) => each.name)}
            onRename={(to) => change(renamed(layout, name, to))}
            onRemove={() => change(without(layout, name))}
          />
        ))}
        <li>
          <Button
            icon="person"
            onClick={() =>
              change({ performers: [...layout.performers, { name: freeName(layout), devices: [] }] })
            }
          >
            Add a performer
          </Button>
        </li>
      </ul>
      <ul className={styles['devices']} aria-label="Devices">
        {devices.map((device) => (
          <li key={device.id}>
            <label>
              <bdi>{listedTitle(device)}</bdi>
              <select
                value={wearerOf(layout, device.id) ?? ''}
                onChange={({ currentTarget: { value } }) =>
                  change(moved(layout, device.id, value === '' ? undefined : value))
                }
              >
                <option value="">Studio-wide</option>
                {layout.performers.map(({ name }) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
          </li>
        ))}
      </ul>
      <Exchange layout={layout} onChange={change} />
    </Dialog>
  );
}

interface PerformerRowProps {
  readonly name: string;
  readonly names: readonly string[];
  readonly onRename: (to: string) => void;
  readonly onRemove: () => void;
}

function PerformerRow({ name, names, onRename, onRemove }: PerformerRowProps): JSX.Element {
  const [typed, setTyped] = useState(name);
  const wished = typed.trim();
  const fault =
    wished === ''
      ? 'A performer needs a name.'
      : wished !== name && names.includes(wished)
        ? 'Taken.'
        : undefined;
  const rename = (): void => {
    if (fault !== undefined) setTyped(name);
    else if (wished !== name) onRename(wished);
  };
  return (
    <li>
      <input
        aria-label={`Name of ${name}`}
        aria-invalid={fault !== undefined}
        maxLength={60}
        value={typed}
        autoComplete="off"
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        onBlur={rename}
        onKeyDown={({ key }) => key === 'Enter' && rename()}
      />
      {fault !== undefined && <span className={styles['fault']}>{fault}</span>}
      <IconButton icon="close" label={`Remove ${name}`} onClick={onRemove} />
    </li>
  );
}

interface ExchangeProps {
  readonly layout: Layout;
  readonly onChange: (layout: Layout) => void;
}

/** To and from other screens: a file, or a link. */
function Exchange({ layout, onChange }: ExchangeProps): JSX.Element {
  const [problem, setProblem] = useState<string>();
  const { copy, message, dialog } = useCopier('link');
  const read = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    try {
      onChange(layoutFromFile(await file.text()));
      setProblem(undefined);
    } catch (error) {
      setProblem(`${file.name} is no layout. ${reasonOf(error)}`);
    }
  };
  return (
    <>
      {problem !== undefined && (
        <Notice level="bad" role="alert" title="Not imported" onClose={() => setProblem(undefined)}>
          <p>{problem}</p>
        </Notice>
      )}
      <div className={ui['row']}>
        <Button icon="copy" onClick={() => copy(layoutStore.link(layout), 'the link')}>
          Copy link
        </Button>
        <Button onClick={() => saveFile(fileOf(layout), 'performers.json', 'application/json')}>
          Export
        </Button>
        <label className={`${ui['button']} ${styles['file']}`}>
          Import
          <input
            type="file"
            accept="application/json,.json"
            onChange={({ currentTarget }) => {
              void read(currentTarget.files?.[0]);
              currentTarget.value = '';
            }}
          />
        </label>
        <Button look="plain" onClick={() => onChange(NO_LAYOUT)}>
          As suggested
        </Button>
        <span role="status" className="dim">
          {message}
        </span>
      </div>
      {dialog}
    </>
  );
}

function wearerOf({ performers }: Layout, id: number): string | undefined {
  return performers.find(({ devices }) => devices.includes(id))?.name;
}

function renamed({ performers }: Layout, from: string, to: string): Layout {
  return { performers: performers.map((each) => (each.name === from ? { ...each, name: to } : each)) };
}

function without({ performers }: Layout, name: string): Layout {
  return { performers: performers.filter((each) => each.name !== name) };
}

function freeName({ performers }: Layout): string {
  for (let number = performers.length + 1; ; number += 1) {
    const name = `Performer ${number}`;
    if (performers.every((each) => each.name !== name)) return name;
  }
}
