import type { JSX } from 'react';
import { Button } from '../../components/button.js';
import { useCopier } from '../../components/clipboard.js';
import { Icon } from '../../components/icon.js';
import { clockText } from '../../lib/times.js';
import { useStudio } from '../../lib/studio.js';
import { KIND_NAMES, keyOf, noteText } from './note.js';
import type { Note } from './note.js';
import { noteStore } from './note-store.js';
import type { KeptNote } from './note-store.js';
import styles from './notes.module.css';

/** The notes of this browser, newest first, each with where it is. */
export function NoteList({ notes }: { readonly notes: readonly KeptNote[] }): JSX.Element {
  const { client } = useStudio();
  const { copy, message, dialog } = useCopier('Note');
  return (
    <section aria-labelledby="notes-mine" className={styles['section']}>
      <h2 id="notes-mine">Your notes</h2>
      {notes.length === 0 && <p className="dim">None yet.</p>}
      <ol className={styles['notes']}>
        {notes.toReversed().map(({ note, state, problem }) => (
          <li key={keyOf(note)} className={styles['note']} data-state={state}>
            <NoteBody note={note} />
            <div className={styles['row']}>
              <State state={state} problem={problem} />
              {state === 'kept' && <Button onClick={() => void noteStore.retry(client, note)}>Retry</Button>}
              <Button look="plain" onClick={() => copy(noteText(note, clockText), 'the note')}>
                Copy
              </Button>
              <Button look="plain" onClick={() => noteStore.remove(note)}>
                Remove here
              </Button>
            </div>
          </li>
        ))}
      </ol>
      <p role="status" className="dim">
        {message}
      </p>
      {dialog}
    </section>
  );
}

function State({ state, problem }: Pick<KeptNote, 'state' | 'problem'>): JSX.Element {
  if (state === 'saving') return <span className="dim">Saving…</span>;
  if (state === 'saved') {
    return (
      <span className={styles['saved']}>
        <Icon name="ok" /> In the recording
      </span>
    );
  }
  return (
    <span className={styles['kept']}>
      <Icon name="warn" />
      <span>
        Kept here, not in the recording
        {problem !== undefined && <small className="wrap-anywhere">{problem}</small>}
      </span>
    </span>
  );
}

export function NoteBody({ note }: { readonly note: Note }): JSX.Element {
  const { at, by, take, text, kind, devices, marks } = note;
  return (
    <>
      <p className={styles['noteHead']}>
        <time dateTime={new Date(at).toISOString()}>{clockText(at)}</time>
        <span className={styles['kind']} data-kind={kind}>
          {KIND_NAMES[kind]}
        </span>
        {take !== '' && <bdi>{take}</bdi>}
        {by !== null && <span className="dim">{by}</span>}
        {devices.map(({ id, name }) => (
          <bdi key={id} className={styles['device']}>
            {name}
          </bdi>
        ))}
      </p>
      {text !== '' && <p className={styles['text']}>{text}</p>}
      {marks.length > 0 && (
        <details>
          <summary>
            {marks.length === 1 ? 'One thing happened before' : `${marks.length} things happened before`}
          </summary>
          <ul className={styles['marks']}>
            {marks.map(({ at: when, what }) => (
              <li key={`${when} ${what}`}>
                <span className="dim">{clockText(when)}</span> {what}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
