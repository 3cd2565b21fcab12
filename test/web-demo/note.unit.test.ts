import { describe, expect, test } from 'vitest';
import { isReplaceable, mergedNotes, noteText, readSheet } from '../../web-demo/src/features/notes/note.js';
import type { Note } from '../../web-demo/src/features/notes/note.js';

function note(at: number, text: string): Note {
  return { v: 1, at, by: 'anna', take: 'Walk 3', text, kind: 'note', devices: [], marks: [] };
}

describe('notes of a recording', () => {
  test('what is written is read back as it was', () => {
    const notes = [
      { ...note(1, 'a'), devices: [{ id: 2, name: 'Left' }], marks: [{ at: 0, what: 'Left: pressed' }] },
    ];
    expect(readSheet(JSON.parse(JSON.stringify({ v: 1, notes })))).toEqual({ v: 1, notes });
  });

  test('data of somebody else are no notes and are not replaced', () => {
    expect(readSheet({ Scene: '12B' })).toBeUndefined();
    expect([{ Scene: '12B' }, {}, { v: 1, notes: [] }, null].map(isReplaceable)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('what is no note among notes is left out, and unknown values get plain ones', () => {
    const notes = [7, { at: 1 }, { at: 2, text: 'x', kind: 'odd', devices: [{}], marks: 'no' }];
    expect(readSheet({ v: 1, notes })?.notes).toEqual([
      { v: 1, at: 2, by: null, take: '', text: 'x', kind: 'note', devices: [], marks: [] },
    ]);
  });

  test('of two lists each note is there once, oldest first', () => {
    const merged = mergedNotes([note(5, 'b'), note(9, 'c')], [note(1, 'a'), note(5, 'b')]);
    expect(merged.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  });

  test('as text it names all that is known', () => {
    const whole = {
      ...note(1, 'Slipped'),
      devices: [{ id: 2, name: 'Left' }],
      marks: [{ at: 0, what: 'Left: pressed' }],
    };
    expect(noteText(whole, (at) => `t${at}`)).toBe(
      't1 · Note · Walk 3 · anna\nSlipped\nDevices: Left\n- t0 Left: pressed',
    );
  });
});
