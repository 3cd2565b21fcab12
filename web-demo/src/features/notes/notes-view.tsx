import { useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { NoteForm } from './note-form.js';
import { NoteList } from './note-list.js';
import { noteStore } from './note-store.js';
import { RecordedNotes } from './recorded-notes.js';
import styles from './notes.module.css';

/** Notes for the recording that runs, and those of the recording that is loaded. */
export function NotesView(): JSX.Element {
  const state = useSyncExternalStore(noteStore.subscribe, noteStore.snapshot);
  return (
    <div className={styles['view']}>
      <h1 className="unseen">Notes</h1>
      <NoteForm state={state} />
      <NoteList notes={state.notes} />
      <RecordedNotes />
    </div>
  );
}
