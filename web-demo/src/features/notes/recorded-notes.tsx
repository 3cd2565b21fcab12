import { useCallback, useEffect, useState } from 'react';
import type { JSX } from 'react';
import { RcspError } from '../../../../src/client/index.js';
import type { RcspClient } from '../../../../src/client/index.js';
import { Button } from '../../components/button.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { useIsLive, useStudio } from '../../lib/studio.js';
import { keyOf, readSheet } from './note.js';
import { NoteBody } from './note-list.js';
import styles from './notes.module.css';

interface Recorded {
  readonly tags: readonly number[];
  readonly error: unknown;
}

/** What the loaded recording holds: studios read it in playback only. */
export function RecordedNotes(): JSX.Element {
  const { client } = useStudio();
  const isLive = useIsLive();
  const [found, setFound] = useState<Recorded>();
  const read = useCallback(async () => setFound(await recordedTags(client)), [client]);
  useEffect(() => {
    if (isLive) void read();
  }, [isLive, read]);
  return (
    <section aria-labelledby="notes-recorded" className={styles['section']}>
      <div className={styles['row']}>
        <h2 id="notes-recorded">In the loaded recording</h2>
        <Button look="plain" icon="again" disabled={!isLive} onClick={() => void read()}>
          Reload
        </Button>
      </div>
      {found?.error !== undefined && <Unread error={found.error} />}
      {found?.error === undefined && found?.tags.length === 0 && <p className="dim">It holds no data.</p>}
      {found?.tags.map((tag) => (
        <TagContent key={tag} tag={tag} client={client} />
      ))}
    </section>
  );
}

async function recordedTags(client: RcspClient): Promise<Recorded> {
  try {
    const { Tags } = await client.call('ListJsonDataTags', {});
    return { tags: Tags, error: undefined };
  } catch (error) {
    return { tags: [], error };
  }
}

function Unread({ error }: { readonly error: unknown }): JSX.Element {
  if (!(error instanceof RcspError) || error.outcome !== 'rejected') return <ProblemAlert error={error} />;
  return (
    <p className="dim">The studio did not list any: {error.detail} It reads recordings in playback only.</p>
  );
}

interface TagContentProps {
  readonly tag: number;
  readonly client: RcspClient;
}

/** Read when it is opened. */
function TagContent({ tag, client }: TagContentProps): JSX.Element {
  const [data, setData] = useState<unknown>();
  const [error, setError] = useState<unknown>();
  const load = (): void => {
    client.call('LoadJsonData', { Tag: tag }).then(({ UserData }) => setData(UserData), setError);
  };
  const sheet = readSheet(data);
  return (
    <details className={styles['tag']} onToggle={({ currentTarget }) => currentTarget.open && load()}>
      <summary>Tag {tag}</summary>
      {error !== undefined && <ProblemAlert error={error} />}
      {sheet !== undefined && (
        <ol className={styles['notes']}>
          {sheet.notes.map((note) => (
            <li key={keyOf(note)} className={styles['note']}>
              <NoteBody note={note} />
            </li>
          ))}
        </ol>
      )}
      {data !== undefined && sheet === undefined && (
        <pre className={styles['json']} tabIndex={0} aria-label={`Data of tag ${tag}`}>
          {JSON.stringify(data, null, 2)}
        </pre>
      )}
    </details>
  );
}
