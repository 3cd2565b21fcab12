import { describe, expect, test } from 'vitest';
import { statementOf } from '../../web-demo/src/lib/event-sentence.js';
import { ChannelCounts } from '../../web-demo/src/lib/channel-counts.js';
import { NO_FACETS, NO_FILTER, queryOf, rowTest } from '../../web-demo/src/features/events/event-filter.js';
import { gapBefore } from '../../web-demo/src/lib/past-events.js';
import { lineFor } from '../../web-demo/src/features/events/rate-lines.js';
import type { Line as RateLine } from '../../web-demo/src/features/events/rate-lines.js';
import { folded, gapText } from '../../web-demo/src/features/events/row.js';
import type { EventRow, Row } from '../../web-demo/src/features/events/row.js';
import { Sampler } from '../../web-demo/src/features/events/sampler.js';
import { sparkOf } from '../../web-demo/src/features/overview/spark.js';
import type { Level } from '../../web-demo/src/lib/event-sentence.js';
import { Timeline } from '../../web-demo/src/lib/timeline.js';
import type { LaneKey, LaneView, Second } from '../../web-demo/src/lib/timeline.js';
import { stepped } from '../../web-demo/src/lib/timeline-step.js';
import { happenedAt } from '../../web-demo/src/lib/timeline-words.js';

const nameOf = (id: number): string => (id === 2 ? 'Left glove' : `Device ${id}`);
let keys = 0;

function row(channel: string, EventData: Readonly<Record<string, unknown>>, receivedAt = 1000): EventRow {
  const [Topic = '', Publisher = ''] = channel.split('/').toReversed();
  const event = { Publisher, Topic, EventData };
  const message = { channel, cursor: 'a:1', receivedAt, event };
  return {
    kind: 'event',
    key: (keys += 1),
    message,
    text: JSON.stringify(EventData),
    said: statementOf(message),
  };
}

describe('the filter of events', () => {
  const warm = row('Logs/Warning', { LogMsg: 'Signal is weak' });
  const press = row('devices/2/DeviceEvents/ButtonPushed', { ButtonPushType: 'SinglePress' }, 5000);
  const passes = (text: string, of: Row): boolean => rowTest({ ...NO_FILTER, text }, nameOf)(of);

  test.each([
    ['signal weak', true],
    ['"signal is"', true],
    ['"is signal"', false],
    ['signal -weak', false],
    ['-strong', true],
    ['/si.*weak/', true],
    ['-/si.*weak/', false],
    ['logs/warning', true],
    ['', true],
  ])('%s applies to a warning: %s', (text, isShown) => {
    expect(passes(text, warm)).toBe(isShown);
  });

  test("a device's name is searched, and the sentence", () => {
    expect(passes('left glove', press)).toBe(true);
    expect(passes('pressed', press)).toBe(true);
  });

  test('a broken expression is told and holds for every row', () => {
    expect(queryOf('/(/').fault).toBe('/(/ is not a regular expression.');
    expect(passes('/(/', warm)).toBe(true);
  });

  test('facets of one kind add up, and facets of two kinds narrow', () => {
    const shown = (facets: object): boolean[] =>
      [warm, press].map(rowTest({ ...NO_FILTER, facets: { ...NO_FACETS, ...facets } }, nameOf));
    expect(shown({ levels: ['warning'] })).toEqual([true, false]);
    expect(shown({ levels: ['warning', 'info'] })).toEqual([true, true]);
    expect(shown({ levels: ['warning'], devices: [2] })).toEqual([false, false]);
    expect(shown({ kinds: ['press'], devices: [2] })).toEqual([false, true]);
  });

  test('a range of time leaves out what is not within', () => {
    const within = rowTest({ ...NO_FILTER, range: { from: 4000, to: 6000 } }, nameOf);
    expect([warm, press].map(within)).toEqual([false, true]);
  });
});

describe('lines of the list', () => {
  test('equal rows that follow each other are one line, with their number', () => {
    const same = (): EventRow => row('Logs/Info', { LogMsg: 'tick' });
    const first = folded([], [same(), same(), row('Logs/Info', { LogMsg: 'tock' })]);
    expect(first.map(({ count }) => count)).toEqual([2, 1]);
    const second = folded(first, [
      row('Logs/Info', { LogMsg: 'tock' }),
      row('Logs/Error', { LogMsg: 'tock' }),
    ]);
    expect(second.map(({ count }) => count)).toEqual([2, 2, 1]);
    expect(first.map(({ count }) => count)).toEqual([2, 1]);
    expect(second[1]?.key).toBe(first[1]?.key);
  });

  test('progress is one line that goes on', () => {
    const percent = (PercentComplete: number): EventRow =>
      row('UpdateFwEvents/Progress', { PercentComplete });
    const [line] = folded([], [percent(5), percent(10), percent(15)]);
    expect(line).toMatchObject({ count: 3, row: { said: { phrase: 'firmware update 15 %' } } });
  });

  test('a gap says how many events are missing, and why', () => {
    const gap = { channel: 'Logs/Info', from: 'a:3', to: 'a:1002', cause: 'slow-client' as const };
    expect(gapText({ kind: 'gap', key: 1, at: 0, gaps: [gap] })).toBe(
      'Gap: 1,000 events of Logs/Info are missing: this page could not keep up.',
    );
  });
});

describe('counting by cursors', () => {
  const at = (cursor: string, receivedAt = 0) => ({ channel: 'A/B', cursor, receivedAt });

  test('an event stands for those before it that were not sent', () => {
    const counts = new ChannelCounts();
    counts.begin('A/B', 'a:10');
    expect(counts.count(at('a:11'))).toEqual({ events: 1, isNew: true });
    expect(counts.count(at('a:61'))).toEqual({ events: 50, isNew: true });
    expect(counts.count(at('a:61'))).toEqual({ events: 0, isNew: false });
    expect(counts.count(at('b:7'))).toEqual({ events: 1, isNew: true });
  });

  test('the part of a gap that events have filled is not missing', () => {
    const counts = new ChannelCounts();
    counts.count(at('a:50', 9));
    const gap = { channel: 'A/B', from: 'a:20', to: 'a:70', cause: 'evicted' as const };
    expect(counts.onGap(gap)).toEqual({ gap: { ...gap, from: 'a:51' }, since: 9 });
    expect(counts.onGap({ ...gap, to: 'a:60' })).toBeUndefined();
  });

  test('what came while the view was closed is a gap, unless history has it', () => {
    const message = { ...at('a:12', 5), event: { Publisher: 'A', Topic: 'B', EventData: {} } };
    expect(gapBefore(message, undefined)).toBeUndefined();
    expect(gapBefore(message, { epoch: 'a', seq: 11, at: 1 })).toBeUndefined();
    expect(gapBefore(message, { epoch: 'a', seq: 12, at: 1 })).toBe('known');
    expect(gapBefore(message, { epoch: 'a', seq: 3, at: 1 })).toMatchObject({ from: 'a:4', to: 'a:11' });
    expect(gapBefore(message, { epoch: 'old', seq: 3, at: 1 })).toMatchObject({ from: 'old:4', to: 'a:0' });
    expect(gapBefore(message, { epoch: 'new', seq: 3, at: 9 })).toBe('known');
  });
});

describe('the sampler', () => {
  function feed(sampler: Sampler, channel: string, perSecond: number, from: number, ms: number): void {
    for (let now = from; now < from + ms; now += 10) sampler.count(channel, perSecond / 100, now);
  }

  test('it starts above 2,000 events a second, and ends when it stays quiet', () => {
    const sampler = new Sampler();
    sampler.reset(0);
    feed(sampler, 'Logs/Info', 1900, 0, 500);
    expect(sampler.tick(500)).toBe(false);
    feed(sampler, 'Logs/Info', 20_000, 500, 100);
    expect(sampler.hz).toBe(40);
    expect(sampler.isQuiet('Logs/Info')).toBe(false);
    expect(sampler.isQuiet('Logs/Error')).toBe(true);
    const ended = [1000, 1500, 2000, 2500, 3000, 3500, 4000].map((now) => sampler.tick(now));
    expect(ended.indexOf(true)).toBe(6);
    expect(sampler.hz).toBeUndefined();
  });

  test('a channel that becomes loud later is sampled, too', () => {
    const sampler = new Sampler();
    sampler.reset(0);
    feed(sampler, 'Logs/Info', 20_000, 0, 500);
    sampler.tick(500);
    feed(sampler, 'Logs/Info', 20_000, 500, 500);
    feed(sampler, 'Logs/Error', 100, 500, 500);
    expect(sampler.tick(1000)).toBe(true);
    expect(sampler.isQuiet('Logs/Error')).toBe(false);
  });

  test('of what is on its way when it starts, only a part is drawn', () => {
    const sampler = new Sampler();
    sampler.reset(0);
    feed(sampler, 'Logs/Info', 20_000, 0, 100);
    const drawn = Array.from({ length: 100 }, () => sampler.draw('Logs/Info'));
    expect(drawn.filter(Boolean).length).toBe(20);
  });
});

describe('the timeline', () => {
  test('a second has the level of the worst event in it', () => {
    const timeline = new Timeline();
    const now = 1_700_000_000_000;
    timeline.count(statementOf(row('Logs/Info', { LogMsg: 'a' }).message), now, 7);
    timeline.count(statementOf(row('Logs/Error', { LogMsg: 'b' }).message), now + 10, 1);
    timeline.count(statementOf(row('devices/2/DeviceLogs/Warning', { LogMsg: 'c' }).message), now, 2);
    expect(timeline.lanes(now)).toMatchObject([
      { key: 'studio', errors: 1, events: 8, seconds: [{ level: 'error', count: 8 }] },
      { key: 'device 2', warnings: 2, events: 2 },
    ]);
    expect(timeline.lanes(now + 700_000)).toEqual([]);
  });

  test('gaps that touch are one, and an outage lasts until its end', () => {
    const timeline = new Timeline();
    timeline.addGap({ lane: 'studio', from: 1000, to: 2000 });
    timeline.addGap({ lane: 'studio', from: 2500, to: 3000 });
    timeline.addGap({ lane: undefined, from: 4000, to: undefined });
    timeline.endOutage(6000);
    expect(timeline.gaps(0)).toEqual([
      { lane: 'studio', from: 1000, to: 3000 },
      { lane: undefined, from: 4000, to: 6000 },
    ]);
  });
});

describe('the lines of the chart', () => {
  test('errors are red and warnings amber, in any order, and no other channel is', () => {
    const taken = new Set<RateLine>();
    const channels = [
      'Logs/Info',
      'Logs/Warning',
      'Logs/Error',
      'devices/2/DeviceLogs/Error',
      'DeviceEvents/Seen',
    ];
    const lines = channels.map((channel) => {
      const line = lineFor(channel, taken);
      taken.add(line);
      return line;
    });
    expect(lines.map(({ light }) => light)).toEqual(['#0b57a4', '#8a5a00', '#b3261e', '#b3261e', '#1b7a3d']);
    expect(new Set(lines.map(({ light, dash }) => `${light} ${dash.join()}`)).size).toBe(5);
  });
});

describe('the words of the timeline', () => {
  const timeline = new Timeline();
  const at = 1_700_000_000_000;
  const { message } = row('devices/2/DeviceLogs/Error', { LogMsg: 'Checksum mismatch' });
  timeline.count(statementOf(row('devices/2/DeviceLogs/Info', { LogMsg: 'hello' }).message), at, 5);
  timeline.count(statementOf(message), at + 400, 1);
  timeline.addUpdate('1', { deviceId: 2, from: at, to: at + 60_000, isFailed: true });
  timeline.addGap({ lane: undefined, from: at + 120_000, to: undefined });
  const content = {
    lanes: timeline.lanes(at + 130_000, ['studio', 'device 2', 'device 3']),
    gaps: timeline.gaps(0),
    updates: timeline.updates(0),
    marks: [{ at: at + 100_000, label: 'Mark 1' }],
  };
  const told = (lane: LaneKey, time: number): string[] =>
    happenedAt(content, lane, time, 2000).map(({ text }) => text.replaceAll(/\d+:\d+:\d+/g, 'T'));

  test('lanes that are asked for are there without events', () => {
    expect(content.lanes.map(({ key, events }) => [key, events])).toEqual([
      ['studio', 0],
      ['device 2', 6],
      ['device 3', 0],
    ]);
  });

  test('a place tells the worst event of its second, the update and the gap', () => {
    expect(told('device 2', at + 1000).map((text) => text.replace(/.*, T/, 'T'))).toEqual([
      'T firmware update failed after 1 min',
      'T Checksum mismatch, and 5 more',
    ]);
    expect(told('device 3', at + 1000)).toEqual([]);
    expect(told('device 3', at + 125_000)[0]).toMatch(/^No connection since /);
    expect(told('studio', at + 100_500)[0]).toMatch(/T Mark 1$/);
  });
});

describe('the keys of the timeline', () => {
  const lane = (key: LaneKey, ...ats: number[]): LaneView => ({
    key,
    errors: 0,
    warnings: 0,
    events: ats.length,
    seconds: ats.map((at) => ({ at, level: 'info', count: 1, phrase: '' })),
  });
  const lanes = [lane('studio', 3000, 1000), lane('device 1'), lane('device 2', 5000)];

  test('the first press leads to the newest event, then arrows to events and lanes', () => {
    expect(stepped(lanes, undefined, 'ArrowLeft')).toEqual({ row: 2, at: 5500 });
    expect(stepped(lanes, { row: 0, at: 1500 }, 'ArrowRight')).toEqual({ row: 0, at: 3500 });
    expect(stepped(lanes, { row: 0, at: 3500 }, 'ArrowRight')).toEqual({ row: 0, at: 3500 });
    expect(stepped(lanes, { row: 0, at: 4000 }, 'ArrowLeft')).toEqual({ row: 0, at: 3500 });
    expect(stepped(lanes, { row: 0, at: 4000 }, 'ArrowDown')).toEqual({ row: 1, at: 4000 });
    expect(stepped(lanes, { row: 0, at: 4000 }, 'ArrowUp')).toEqual({ row: 0, at: 4000 });
  });

  test('other keys, and a timeline without lanes, lead nowhere', () => {
    expect(stepped(lanes, undefined, 'Enter')).toBeUndefined();
    expect(stepped([], undefined, 'ArrowLeft')).toBeUndefined();
  });
});

describe('the bars of a card', () => {
  const now = 1_700_000_000_000;
  const second = (ago: number, level: Level, count: number): Second => ({
    at: now - ago * 1000,
    level,
    count,
    phrase: '',
  });

  test('each bar has the worst level of its ten seconds, and a height by the number of events', () => {
    const { bars, text } = sparkOf(
      { seconds: [second(299, 'info', 1), second(8, 'error', 1), second(5, 'info', 99)] },
      now,
    );
    expect(bars).toHaveLength(30);
    expect(bars[0]).toEqual({ level: 'info', share: 0.25 });
    expect(bars.at(-1)).toEqual({ level: 'error', share: 1 });
    expect(bars.slice(1, -1).every((bar) => bar === undefined)).toBe(true);
    expect(text).toBe('101 events in 5 minutes, with errors');
  });

  test('what is older than five minutes is not counted', () => {
    expect(sparkOf({ seconds: [second(301, 'error', 3)] }, now).text).toBe('No events in 5 minutes');
  });
});
