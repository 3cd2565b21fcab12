import type { JSX } from 'react';
import { starterText } from '../../lib/access.js';
import type { Job } from '../../lib/job.js';
import { useJobs } from '../../lib/studio.js';
import { clockText, durationText } from '../../lib/times.js';
import { useNow } from '../../lib/use-now.js';
import { useDeviceScope } from './device-scope.js';
import styles from './device.module.css';
import { Section } from './section.js';

/** What is to be seen of a device while its firmware is updated: how far it is, and what to expect. */
export function UpdatePanel({ job }: { readonly job: Job }): JSX.Element {
  const { name } = useDeviceScope();
  const note = useJobs().notes.get(job.id);
  const now = useNow();
  const percent = job.percent === null ? undefined : Math.round(job.percent);
  const title = percent === undefined ? 'Updating…' : `Updating, ${percent} %`;
  return (
    <Section title={title}>
      <progress className={styles['progress']} max={100} value={percent} aria-label={`Update of ${name}`} />
      <p className="wrap-anywhere">
        {note?.from !== undefined && `From ${note.from}. `}
        {note?.file !== undefined && `To ${note.file}. `}
        Started by {starterText(job.startedBy)} at {clockText(job.startedAt)}, running for{' '}
        {durationText(now - job.startedAt)}.
      </p>
      <ul className={styles['expect']}>
        <li>Leave {name} switched on and connected.</li>
        <li>It restarts into its bootloader, and does not stream or answer until the update has ended.</li>
        <li>Its settings come back here by themselves.</li>
      </ul>
    </Section>
  );
}
