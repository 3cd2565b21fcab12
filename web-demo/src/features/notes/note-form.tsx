import { useEffect, useRef, useState } from 'react';
import type { JSX } from 'react';
import { Button } from '../../components/button.js';
import field from '../../components/field.module.css';
import { ask } from '../../lib/gateway.js';
import { titleOf } from '../../lib/device-title.js';
import { marks } from '../../lib/mark-store.js';
import { useMay } from '../../lib/access.js';
import { useDevices, useStudio } from '../../lib/studio.js';
import { marksSince } from './auto-marks.js';
import { KIND_NAMES } from './note.js';
import type { NoteKind } from './note.js';
import { noteStore } from './note-store.js';
import type { NotesState } from './note-store.js';
import styles from './notes.module.css';

const QUICK: readonly NoteKind[] = ['good', 'retake', 'clap', 'glove-slipped'];
/** Before the first note, marks reach back so far. */
const MARKS_MS = 10 * 60_000;

/** Writes a note: its text, or one tap. */
export function NoteForm({ state }: { readonly state: NotesState }): JSX.Element {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const box = useRef<HTMLTextAreaElement>(null);
  const devices = useDevices()?.filter(({ goneSince }) => goneSince === undefined) ?? [];
  const addNote = useAddNote(state);
  const may = useMay('control');
  useEffect(() => box.current?.focus(), []);
  const add = (kind: NoteKind): void => {
    void addNote(kind, text.trim(), chosen);
    setText('');
    setChosen([]);
    box.current?.focus();
  };
  const toggle = (id: number): void =>
    setChosen((before) => (before.includes(id) ? before.filter((each) => each !== id) : [...before, id]));
  return (
    <form
      className={styles['form']}
      onSubmit={(event) => {
        event.preventDefault();
        if (may.isAllowed && text.trim() !== '') add('note');
      }}
    >
      <TakeField state={state} />
      <textarea
        ref={box}
        className={styles['box']}
        aria-label="Note"
        placeholder="What happened?"
        rows={3}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
            event.currentTarget.form?.requestSubmit();
        }}
      />
      <div className={styles['about']} role="group" aria-label="About">
        {devices.map(({ id }) => (
          <button
            key={id}
            type="button"
            className={styles['chip']}
            aria-pressed={chosen.includes(id)}
            onClick={() => toggle(id)}
          >
            <bdi>{titleOf(id, devices)}</bdi>
          </button>
        ))}
      </div>
      <div className={styles['row']}>
        <Button type="submit" look="primary" disabled={!may.isAllowed || text.trim() === ''}>
          Save note
        </Button>
        {QUICK.map((kind) => (
          <Button
            key={kind}
            className={styles['quick']}
            data-kind={kind}
            disabled={!may.isAllowed}
            onClick={() => add(kind)}
          >
            {KIND_NAMES[kind]}
          </Button>
        ))}
      </div>
      {(may.reason ?? '') !== '' && <p role="status">{may.reason}</p>}
      <p className={field['hint']}>
        A tap on {QUICK.map((kind) => KIND_NAMES[kind]).join(', ')} saves at once, with the text above.
        Presses, disconnections, saturations and marks since the last note are added.
      </p>
      <TagField tag={state.tag} />
    </form>
  );
}

/** The studio does not tell when a recording begins: the user names the take. */
function TakeField({ state: { take } }: { readonly state: NotesState }): JSX.Element {
  return (
    <div className={styles['take']}>
      <label className={field['field']}>
        Take
        <input
          value={take}
          autoComplete="off"
          onChange={({ currentTarget }) => noteStore.setTake(currentTarget.value)}
        />
      </label>
      <p className={field['hint']}>
        Notes of one take are written together. RCSP does not tell when a recording starts: name a new take
        then.
      </p>
    </div>
  );
}

/** The number under which the recording keeps the notes. */
function TagField({ tag }: { readonly tag: number }): JSX.Element {
  return (
    <details>
      <summary>Kept under tag {tag}</summary>
      <label className={field['field']}>
        Tag
        <input
          type="number"
          min={1}
          step={1}
          value={tag}
          onChange={({ currentTarget: { valueAsNumber } }) => {
            if (Number.isInteger(valueAsNumber) && valueAsNumber > 0) noteStore.setTag(valueAsNumber);
          }}
        />
      </label>
      <p className={field['hint']}>
        Data in a recording have a number. Choose another one when this is taken.
      </p>
    </details>
  );
}

function useAddNote({
  notes,
  take,
}: NotesState): (kind: NoteKind, text: string, about: readonly number[]) => Promise<void> {
  const { client } = useStudio();
  const devices = useDevices();
  const by = useOwnName();
  return async (kind, text, about) => {
    const at = Date.now();
    const since = Math.max(notes.at(-1)?.note.at ?? 0, at - MARKS_MS);
    const nameOf = (id: number): string => titleOf(id, devices);
    const ids = devices?.map(({ id }) => id) ?? [];
    const happened = await marksSince(since, ids, marks.snapshot(), nameOf);
    const named = about.map((id) => ({ id, name: nameOf(id) }));
    await noteStore.add(client, { v: 1, at, by, take, text, kind, devices: named, marks: happened });
  };
}

/** Undefined answers and older gateways give no name. */
function useOwnName(): string | null {
  const [name, setName] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    ask<{ name?: unknown }>('GET', 'v1/me').then(
      (me) => {
        if (isCurrent && typeof me.name === 'string') setName(me.name);
      },
      () => undefined,
    );
    return () => void (isCurrent = false);
  }, []);
  return name;
}
