import { describe, expect, test } from 'vitest';
import { columnsFor } from '../../web-demo/src/features/overview/card-columns.js';
import { suggestedPerformers } from '../../web-demo/src/lib/groups.js';
import {
  addressOf,
  fileOf,
  layoutFromAddress,
  layoutFromFile,
  moved,
} from '../../web-demo/src/lib/layout.js';

const LAYOUT = {
  performers: [
    { name: 'Anna; the 1:st', devices: [1, 2] },
    { name: 'Zoë 50%', devices: [] },
  ],
};

describe('a layout', () => {
  test('is the same after a file and after an address', () => {
    expect(layoutFromFile(fileOf(LAYOUT))).toEqual(LAYOUT);
    expect(layoutFromAddress(addressOf(LAYOUT))).toEqual(LAYOUT);
    expect(addressOf({ performers: [{ name: 'Anna', devices: [1, 2, 3] }] })).toBe('Anna:1,2,3');
  });

  test.each([
    ['no', 'It is not JSON.'],
    ['[]', 'It has no list of performers.'],
    ['{"v":2,"performers":[]}', 'It has version 2; this page reads version 1.'],
    ['{"performers":{}}', 'Its performers are not a list.'],
    ['{"performers":[{"name":" ","devices":[]}]}', 'A performer has no name.'],
    ['{"performers":[{"name":"A","devices":[1.5]}]}', 'The devices of A are not a list of numbers.'],
    [
      '{"performers":[{"name":"A","devices":[1]},{"name":"B","devices":[1]}]}',
      'Device 1 belongs to A and to B.',
    ],
    ['{"performers":[{"name":"A","devices":[]},{"name":"A","devices":[]}]}', 'Two performers are called A.'],
  ])('%s is refused with a sentence', (text, reason) => {
    expect(() => layoutFromFile(text)).toThrow(reason);
  });

  test.each(['Anna', 'Anna:1,x', ':1', 'Anna:1:2'])('the address %s is refused', (text) => {
    expect(() => layoutFromAddress(text)).toThrow('is not of the form Anna:1,2,3');
  });

  test('a device that moves leaves whoever had it', () => {
    const layout = layoutFromAddress('Anna:1,2;Ben:3');
    expect(addressOf(moved(layout, 2, 'Ben'))).toBe('Anna:1;Ben:3,2');
    expect(addressOf(moved(layout, 3, undefined))).toBe('Anna:1,2;Ben:');
  });
});

describe('suggested performers', () => {
  type Worn = Parameters<typeof suggestedPerformers>[0][number];
  const suit = (id: number, gloves?: Worn['gloves']): Worn => ({
    id,
    type: 'SmartSuitPro',
    side: undefined,
    goneSince: undefined,
    gloves,
  });
  const glove = (id: number, side?: Worn['side'], goneSince?: number): Worn => ({
    id,
    type: 'Smartgloves',
    side,
    goneSince,
    gloves: undefined,
  });
  const coil = { ...suit(90), type: 'CoilPro' };
  const found = (...devices: Worn[]): (readonly number[])[] =>
    suggestedPerformers(devices).map((each) => each.devices);

  test('a suit has the gloves that follow it, one for each hand', () => {
    expect(found(suit(1), glove(2, 'left'), glove(3, 'right'), coil, suit(5), glove(6), glove(7))).toEqual([
      [1, 2, 3],
      [5, 6, 7],
    ]);
    expect(found(suit(1), glove(2, 'left'), glove(3, 'left'))).toEqual([[1, 2]]);
  });

  test('gloves that were connected before their suits are given to those without', () => {
    expect(found(glove(1, 'left'), glove(2, 'right'), suit(3), suit(4))).toEqual([[3, 1, 2], [4]]);
  });

  test('a suit that says it has no left glove gets none of those that are left, unless that one is gone', () => {
    const only = { left: false, right: true };
    expect(found(glove(1, 'left'), glove(2, 'right'), suit(3, only))).toEqual([[3, 2]]);
    expect(found(glove(1, 'left', 5), glove(2, 'right'), suit(3, only))).toEqual([[3, 1, 2]]);
  });

  test('a glove that restarts stays where it is, although the suit misses it', () => {
    const none = { left: false, right: false };
    expect(found(suit(1, none), glove(2, 'left'), glove(3, 'right'))).toEqual([[1, 2, 3]]);
  });
});

describe('the columns of cards', () => {
  test.each([
    [[3, 1], 5, 4],
    [[3, 1], 2, 2],
    [[3, 3, 1], 5, 4],
    [[3, 3, 2], 5, 5],
    [[1], 6, 1],
    [[8], 5, 4],
    [[], 4, 1],
  ])('groups of %j in at most %i columns take %i', (sizes, most, columns) => {
    expect(columnsFor(sizes, most)).toBe(columns);
  });
});
