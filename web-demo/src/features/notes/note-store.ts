import { RcspError } from '../../../../src/client/index.js';
import type { RcspClient } from '../../../../src/client/index.js';
import { keepJson, recallJson } from '../../lib/kept.js';
import { Store } from '../../lib/store.js';
import { isReplaceable, keyOf, mergedNotes, readNote, readSheet } from './note.js';
import type { Note } from './note.js';
import { studioKey } from '../../lib/studio-path.js';

/** A note and where it is. */
export interface KeptNote {
  readonly note: Note;
  /** `kept`: in this browser only. */
  readonly state: 'saving' | 'saved' | 'kept';
  /** Why it is not in the recording; undefined when nothing was tried. */
  readonly problem: string | undefined;
}

export interface NotesState {
  /** Oldest first. */
  readonly notes: readonly KeptNote[];
  /** The take that new notes belong to, as the user typed it. */
  readonly take: string;
  readonly tag: number;
}

export const DEFAULT_TAG = 1000;
const STORAGE_KEY = 'rcsp-gateway-notes';
const MAX_NOTES = 500;

/** The user's notes: shown at once, written into the recording as far as the studio takes them, kept in the browser. */
export class NoteStore extends Store {
  #state: NotesState = storedState();
  /** Writes follow each other: each one writes the whole sheet. */
  #writing: Promise<void> = Promise.resolve();

  readonly snapshot = (): NotesState => this.#state;

  setTake(take: string): void {
    this.#set({ take });
  }

  setTag(tag: number): void {
    this.#set({ tag });
  }

  add(client: RcspClient, note: Note): Promise<void> {
    const added: KeptNote = { note, state: 'saving', problem: undefined };
    this.#set({ notes: bounded([...this.#state.notes, added]) });
    return this.#write(client, note.take);
  }

  /** Writes the notes of that take once more. */
  retry(client: RcspClient, note: Note): Promise<void> {
    this.#change([note], { state: 'saving', problem: undefined });
    return this.#write(client, note.take);
  }

  remove(note: Note): void {
    this.#set({ notes: this.#state.notes.filter((each) => keyOf(each.note) !== keyOf(note)) });
  }

  #write(client: RcspClient, take: string): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeTake(client, take));
    return this.#writing;
  }

  async #writeTake(client: RcspClient, take: string): Promise<void> {
    const mine = this.#state.notes.map(({ note }) => note).filter((note) => note.take === take);
    const { tag } = this.#state;
    try {
      const there = await notesThere(client, tag);
      await client.call('SaveUserData', { Tag: tag, UserData: { v: 1, notes: mergedNotes(there, mine) } });
      this.#change(mine, { state: 'saved', problem: undefined });
    } catch (error) {
      const unsaved = this.#state.notes.filter(({ state, note }) => state === 'saving' && note.take === take);
      this.#change(
        unsaved.map(({ note }) => note),
        { state: 'kept', problem: problemText(error) },
      );
    }
  }

  #change(notes: readonly Note[], changes: Pick<KeptNote, 'state' | 'problem'>): void {
    const keys = new Set(notes.map(keyOf));
    this.#set({
      notes: this.#state.notes.map((each) => (keys.has(keyOf(each.note)) ? { ...each, ...changes } : each)),
    });
  }

  #set(changes: Partial<NotesState>): void {
    this.#state = { ...this.#state, ...changes };
    keepJson('browser', studioKey(STORAGE_KEY), this.#state);
    this.notify();
  }
}

/**
 * The notes that the recording has under the tag. A studio that records answers with an error: then
 * nothing is known of it, and what this page has is written.
 *
 * @throws RcspError when the studio cannot be asked; Error when something else is under the tag
 */
async function notesThere(client: RcspClient, tag: number): Promise<readonly Note[]> {
  let data: unknown;
  try {
    data = (await client.call('LoadJsonData', { Tag: tag })).UserData;
  } catch (error) {
    if (error instanceof RcspError && error.outcome === 'rejected') return [];
    throw error;
  }
  if (!isReplaceable(data)) throw new Error(`Tag ${tag} holds other data: choose another tag.`);
  return readSheet(data)?.notes ?? [];
}

function problemText(error: unknown): string {
  return error instanceof RcspError
    ? `${error.code}: ${error.detail}`
    : error instanceof Error
      ? error.message
      : 'it failed';
}

/** Notes that are in a recording go first. */
function bounded(notes: readonly KeptNote[]): readonly KeptNote[] {
  if (notes.length <= MAX_NOTES) return notes;
  const first = notes.findIndex(({ state }) => state === 'saved');
  return notes.toSpliced(Math.max(first, 0), 1);
}

function storedState(): NotesState {
  const kept = recallJson('browser', studioKey(STORAGE_KEY));
  const { notes, take, tag }: Partial<Record<keyof NotesState, unknown>> =
    typeof kept === 'object' && kept !== null ? kept : {};
  return {
    notes: Array.isArray(notes) ? notes.flatMap((each: unknown) => storedNote(each) ?? []) : [],
    take: typeof take === 'string' ? take : '',
    tag: typeof tag === 'number' && Number.isInteger(tag) && tag > 0 ? tag : DEFAULT_TAG,
  };
}

/** A note that was being written when the page was left may be in the recording or not: it counts as kept. */
function storedNote(value: unknown): KeptNote | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { note, state, problem }: Partial<Record<keyof KeptNote, unknown>> = value;
  const read = readNote(note);
  if (read === undefined) return undefined;
  return {
    note: read,
    state: state === 'saved' ? 'saved' : 'kept',
    problem: typeof problem === 'string' ? problem : undefined,
  };
}

/** One for the page: notes outlive the view. */
export const noteStore = new NoteStore();
