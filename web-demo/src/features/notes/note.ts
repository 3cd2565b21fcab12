/** Notes as they are kept in a recording. Pure. */

export type NoteKind = 'note' | 'good' | 'retake' | 'clap' | 'glove-slipped';

export const KIND_NAMES: Readonly<Record<NoteKind, string>> = {
  note: 'Note',
  good: 'Good',
  retake: 'Retake',
  clap: 'Clap',
  'glove-slipped': 'Glove slipped',
};

/** Times are milliseconds since 1970. */
export interface Note {
  readonly v: 1;
  readonly at: number;
  /** Who is signed in; null where nobody has to be. */
  readonly by: string | null;
  /** As the user typed it; empty when none was named. */
  readonly take: string;
  readonly text: string;
  readonly kind: NoteKind;
  readonly devices: readonly { readonly id: number; readonly name: string }[];
  /** What happened since the note before. */
  readonly marks: readonly NoteMark[];
}

export interface NoteMark {
  readonly at: number;
  readonly what: string;
}

/** `UserData` of the tag. */
export interface NoteSheet {
  readonly v: 1;
  readonly notes: readonly Note[];
}

export function keyOf({ at, by, text }: Pick<Note, 'at' | 'by' | 'text'>): string {
  return `${at} ${by ?? ''} ${text}`;
}

/** Undefined when the data are no notes. What is no note among them is left out. */
export function readSheet(data: unknown): NoteSheet | undefined {
  if (!isFields(data) || data['v'] !== 1 || !Array.isArray(data['notes'])) return undefined;
  return { v: 1, notes: data['notes'].flatMap((each: unknown) => readNote(each) ?? []) };
}

/** Whether data may be replaced by notes: there are none, or they are notes. */
export function isReplaceable(data: unknown): boolean {
  return readSheet(data) !== undefined || (isFields(data) && Object.keys(data).length === 0);
}

/** Both lists, each note once, oldest first. */
export function mergedNotes(known: readonly Note[], added: readonly Note[]): readonly Note[] {
  const byKey = new Map([...known, ...added].map((note) => [keyOf(note), note]));
  return [...byKey.values()].sort((a, b) => a.at - b.at);
}

export function readNote(value: unknown): Note | undefined {
  if (!isFields(value)) return undefined;
  const { at, by, take, text, kind, devices, marks } = value;
  if (typeof at !== 'number' || typeof text !== 'string') return undefined;
  return {
    v: 1,
    at,
    by: typeof by === 'string' ? by : null,
    take: typeof take === 'string' ? take : '',
    text,
    kind: isKind(kind) ? kind : 'note',
    devices: listOf(devices).flatMap((each) =>
      isFields(each) && typeof each['id'] === 'number'
        ? [{ id: each['id'], name: typeof each['name'] === 'string' ? each['name'] : '' }]
        : [],
    ),
    marks: listOf(marks).flatMap((each) =>
      isFields(each) && typeof each['at'] === 'number' && typeof each['what'] === 'string'
        ? [{ at: each['at'], what: each['what'] }]
        : [],
    ),
  };
}

/** The note as text, for the clipboard. */
export function noteText(note: Note, clock: (at: number) => string): string {
  const { at, by, take, text, kind, devices, marks } = note;
  const head = [clock(at), KIND_NAMES[kind], take, by ?? ''].filter((part) => part !== '').join(' · ');
  const who = devices.length === 0 ? [] : [`Devices: ${devices.map(({ name }) => name).join(', ')}`];
  const what = marks.map((mark) => `- ${clock(mark.at)} ${mark.what}`);
  return [head, ...(text === '' ? [] : [text]), ...who, ...what].join('\n');
}

function isKind(value: unknown): value is NoteKind {
  return typeof value === 'string' && value in KIND_NAMES;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
