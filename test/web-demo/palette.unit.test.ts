import { describe, expect, test } from 'vitest';
import { actionOf } from '../../web-demo/src/features/palette/hot-keys.js';
import { bestMatches } from '../../web-demo/src/features/palette/match.js';
import { paletteItems, searchOf, textOf } from '../../web-demo/src/features/palette/palette-items.js';
import type { DeviceCard } from '../../web-demo/src/lib/device-store.js';

const CARD = {
  type: 'Smartgloves',
  connection: 'UDP',
  updatable: true,
  bootloader: false,
  firmware: undefined,
  lastSeen: 0,
  calibrated: undefined,
  goneSince: undefined,
};
const DEVICES = [
  { ...CARD, id: 1, name: 'Suit' },
  { ...CARD, id: 2, name: 'Left glove' },
  { ...CARD, id: 3, name: 'Right glove', goneSince: 5 },
] as unknown as readonly DeviceCard[];

function found(query: string, isLive = true, mayControl = true): string[] {
  const items = paletteItems(query, {
    views: [{ path: '/events', label: 'Events', icon: 'events' }],
    devices: DEVICES,
    commands: ['GetDeviceName', 'SetDeviceName'],
    performers: [{ name: 'Anna', devices: [1, 2, 3] }],
    hasControl: false,
    mayControl,
    hasSounds: false,
    hasCurl: true,
    isLive,
  });
  return bestMatches(searchOf(query), items, textOf, 3).map(({ label }) => label);
}

describe('the matcher', () => {
  const match = (query: string, ...texts: string[]): readonly string[] =>
    bestMatches(query, texts, (each) => each, 9);

  test('every word of the query is in a match, in any order and case', () => {
    expect(match('GLOVE left', 'Left glove', 'Right glove')).toEqual(['Left glove']);
  });

  test('the start of a word counts more than its middle, and that more than scattered letters', () => {
    expect(match('cal', 'uncalled', 'Calibrate', 'coaxial')).toEqual(['Calibrate', 'uncalled', 'coaxial']);
  });

  test('of two letters, scattered ones do not match', () => {
    expect(match('zt', 'zebra tent z t')).toEqual([]);
  });

  test('without a query all are there, in their order, up to the limit', () => {
    expect(bestMatches('', ['b', 'a', 'c'], (each) => each, 2)).toEqual(['b', 'a']);
  });
});

describe('the palette', () => {
  test.each([
    ['calibrate left', 'Calibrate Left glove'],
    ['scan suit', 'Scan networks with Suit'],
    ['led left #ff6000', 'LED ring of Left glove to #ff6000'],
    ['devname set', 'SetDeviceName'],
    ['right', 'Right glove'],
    ['go ev', 'Events'],
    ['take control', 'Take control'],
    ['copy curl', 'Copy curl of the last command'],
    ['calibrate anna', 'Calibrate Anna'],
  ])('%s finds %s first', (query, label) => {
    expect(found(query)[0]).toBe(label);
  });

  test('a device that is gone can be opened and not commanded', () => {
    expect(found('calibrate right')).toEqual([]);
    expect(found('calibrate left', false)).toEqual([]);
    expect(found('left', false)).toEqual(['Left glove']);
  });

  test('who may only look is offered no command', () => {
    expect(found('calibrate left', true, false)).toEqual([]);
    expect(found('led left #ff6000', true, false)).toEqual(['Left glove']);
    expect(found('left', true, false)).toEqual(['Left glove']);
  });
});

describe('keys', () => {
  test('G and a letter go to a view, and a letter alone does what it says', () => {
    expect(actionOf('g', false)).toEqual({ is: 'wait' });
    expect(actionOf('E', true)).toEqual({ is: 'go', href: '/events' });
    expect(actionOf('e', false)).toEqual({ is: 'none' });
    expect(actionOf('n', false)).toEqual({ is: 'note' });
    expect(actionOf('n', true)).toEqual({ is: 'go', href: '/notes' });
    expect(actionOf('f', false)).toEqual({ is: 'wall' });
    expect(actionOf('?', false)).toEqual({ is: 'keys' });
  });
});
