import type { JSX } from 'react';
import { Link } from 'wouter';
import { Icon } from '../../components/icon.js';
import { LockNotice, useIsSaid } from '../../components/locked.js';
import ui from '../../components/ui.module.css';
import { useMay } from '../../lib/access.js';
import type { DeviceCard } from '../../lib/device-store.js';
import type { Job } from '../../lib/job.js';
import { useJobs } from '../../lib/studio.js';
import { clockText } from '../../lib/times.js';
import styles from './device.module.css';
import { Section } from './section.js';

/** The version, the way to an update, and the updates of the last hour. */
export function FirmwareSection({ device }: { readonly device: DeviceCard }): JSX.Element {
  const may = useMay('admin');
  const isSaid = useIsSaid(may);
  const { all, notes } = useJobs();
  const jobs = all?.filter(({ deviceId }) => deviceId === device.id) ?? [];
  return (
    <Section title="Firmware">
      <div className={styles['row']}>
        <strong className={styles['big']}>{device.firmware ?? '–'}</strong>
        {device.updatable && !may.isAllowed ? (
          !isSaid && <LockNotice may={may} />
        ) : device.updatable ? (
          <Link href={`/firmware/${device.id}`} className={ui['button'] ?? ''}>
            <Icon name="update" />
            Update…
          </Link>
        ) : (
          <span className="dim">The studio says that this device takes no firmware.</span>
        )}
      </div>
      {jobs.length > 0 && (
        <ul className={styles['jobs']} aria-label="Updates of the last hour">
          {jobs.map((job) => (
            <li key={job.id} className="wrap-anywhere">
              {clockText(job.startedAt)} · {versionsText(notes.get(job.id))} {outcomeText(job)}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function versionsText(
  note: { readonly from?: string | undefined; readonly to?: string | undefined } | undefined,
): string {
  if (note?.from === undefined) return '';
  return note.to === undefined ? `from ${note.from} ·` : `${note.from} → ${note.to} ·`;
}

function outcomeText({ state, percent, error }: Job): string {
  if (state === 'running') return percent === null ? 'running' : `running, ${Math.round(percent)} %`;
  return state === 'done' ? '✓ done' : `✗ failed: ${error ?? 'no reason was told'}`;
}
