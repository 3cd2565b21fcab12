/** Keys that hold on every view. Pure. */

export type KeyAction =
  | { readonly is: 'palette' | 'keys' | 'mark' | 'note' | 'wall' | 'none' }
  | { readonly is: 'go'; readonly href: string }
  /** The next key decides. */
  | { readonly is: 'wait' };

const PLACES: Readonly<Record<string, string>> = {
  d: '/',
  e: '/events',
  f: '/firmware',
  n: '/notes',
  l: '/lights',
  c: '/console',
};

/** A key that is pressed alone, or after G. */
export function actionOf(key: string, isAfterG: boolean): KeyAction {
  const lower = key.toLowerCase();
  const place = PLACES[lower];
  if (isAfterG && place !== undefined) return { is: 'go', href: place };
  switch (lower) {
    case 'g':
      return { is: 'wait' };
    case '?':
      return { is: 'keys' };
    case 'n':
      return { is: 'note' };
    case 'm':
      return { is: 'mark' };
    case 'f':
      return { is: 'wall' };
    default:
      return { is: 'none' };
  }
}

export interface KeyHelp {
  readonly keys: readonly string[];
  readonly does: string;
}

/** What `?` lists. */
export const KEYS: readonly { readonly group: string; readonly keys: readonly KeyHelp[] }[] = [
  {
    group: 'Everywhere',
    keys: [
      { keys: ['Ctrl K', '⌘ K'], does: 'Find a device, a view or a command' },
      { keys: ['N'], does: 'Take a note' },
      { keys: ['M'], does: 'Set a mark in the timeline' },
      { keys: ['F'], does: 'Show the wall, or leave it' },
      { keys: ['Esc'], does: 'Close a dialog, leave the wall' },
      { keys: ['?'], does: 'This list' },
    ],
  },
  {
    group: 'Go to',
    keys: [
      { keys: ['G D'], does: 'Devices' },
      { keys: ['G E'], does: 'Events' },
      { keys: ['G F'], does: 'Firmware' },
      { keys: ['G N'], does: 'Notes' },
      { keys: ['G L'], does: 'Lights' },
      { keys: ['G C'], does: 'Console' },
    ],
  },
  {
    group: 'Device',
    keys: [
      { keys: ['←', '→'], does: 'Device before, next device' },
      { keys: ['⏎', 'Esc'], does: 'Save the name, or take it back' },
    ],
  },
  {
    group: 'Events',
    keys: [
      { keys: ['P'], does: 'Pause, resume' },
      { keys: ['J', 'K'], does: 'Next row, row before' },
      { keys: ['←', '→'], does: 'On the timeline: event before, next event' },
      { keys: ['↑', '↓'], does: 'On the timeline: lane above, lane below' },
    ],
  },
  {
    group: 'Notes and console',
    keys: [{ keys: ['Ctrl ⏎', '⌘ ⏎'], does: 'Save the note, send the command' }],
  },
];
