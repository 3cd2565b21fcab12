// @module-tag extended
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rowOf, sequence, step } from '../../../src/upstreams/lights/light-registers.js';
import type { Step } from '../../../src/upstreams/lights/light-registers.js';
import {
  loadScript,
  markedScript,
  readMarked,
  runScript,
  shellScript,
} from '../../../src/upstreams/lights/light-script.js';
import { runShell } from '../../../src/simulator/lights/mini-shell.js';

const MARK = '0123456789abcdef';

const STEPS: readonly (readonly [Step, string])[] = [
  [{ register: 'LED_FAN', on: true }, 'LED_FAN,1'],
  [{ register: 'MODEL_LIGHT', power: 0 }, 'MODEL_LIGHT,0'],
  [{ register: 'DIGITAL_POLARIZER', on: false }, 'DIGITAL_POLARIZER,0'],
  [{ register: 'ALL_4_NIKON', power: 100 }, 'ALL_4_NIKON,100'],
  [{ register: 'ALL_4_CANON', power: 80, shutterMs: 105 }, 'ALL_4_CANON,80,105'],
  [{ register: 'OLAT_4_NIKON', power: 80, drive: 'single' }, 'OLAT_4_NIKON,80,0'],
  [{ register: 'OLAT_4_CANON', power: 80, drive: 'continuous' }, 'OLAT_4_CANON,80,1'],
];

test.each(STEPS)('%j is the row %s', (each, row) => {
  expect(rowOf(each)).toBe(row);
});

test.each([
  { register: 'MODEL_LIGHT', power: 101 },
  { register: 'MODEL_LIGHT', power: -1 },
  { register: 'MODEL_LIGHT', power: 1.5 },
  { register: 'MODEL_LIGHT', power: '1; reboot' },
  { register: 'MODEL_LIGHT' },
  { register: 'MODEL_LIGHT', power: 1, shutterMs: 1 },
  { register: 'ALL_4_CANON', power: 1, shutterMs: 110 },
  { register: 'ALL_4_CANON', power: 1 },
  { register: 'OLAT_4_NIKON', power: 1, drive: 'burst' },
  { register: 'LED_FAN', on: 1 },
  { register: "LED_FAN,1' ; reboot '", on: true },
])('%j is refused', (each) => {
  expect(step.safeParse(each).success).toBe(false);
});

test('a sequence is written by printf, loaded, and run', () => {
  const steps = STEPS.map(([each]) => each).slice(0, 2);
  expect(loadScript({ steps, standalone: false })).toBe(
    "printf '%s\\n' 'LED_FAN,1' 'MODEL_LIGHT,0' > ~/la4_sequence.csv && boardiocli uSeq",
  );
  expect(loadScript({ steps, standalone: true })).toBe(
    "printf '%s\\n' 'LED_FAN,1' 'MODEL_LIGHT,0' > /home/rigsters/la4_sequence_standalone.csv && boardiocli uSeqStandalone",
  );
  expect(runScript()).toBe('boardiocli runSeq');
});

describe('the longest sequence', () => {
  test('has a request below 16 kB', () => {
    const steps = Array.from({ length: 400 }, (): Step => ({ register: 'DIGITAL_POLARIZER', on: true }));
    expect(sequence.safeParse({ steps }).success).toBe(true);
    expect(sequence.safeParse({ steps: [...steps, steps[0]] }).success).toBe(false);
    expect(markedScript(loadScript({ steps, standalone: true }), MARK).length).toBeLessThan(16_000);
  });
});

/** What JSON can hold, with a taste for the words of a shell and of the registers. */
const hostile = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    "'; touch /tmp/x; '",
    '$(reboot)',
    '`reboot`',
    '\n reboot \n',
    '|| reboot',
    '%s%n',
    '1,2',
    '\\',
    '0\u0000',
  ),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom('single', 'continuous', 'MODEL_LIGHT', 'ALL_4_CANON'),
);
const register = fc.oneof(fc.constantFrom(...STEPS.map(([each]) => each.register)), fc.string(), hostile);
const hostileSequence = fc.record(
  {
    steps: fc.array(
      fc.record(
        { register, power: hostile, shutterMs: hostile, on: hostile, drive: hostile },
        { requiredKeys: ['register'] },
      ),
      { maxLength: 5 },
    ),
    standalone: hostile,
  },
  { requiredKeys: ['steps'] },
);
const SAFE =
  /^printf '%s\\n' '[A-Z0-9_]+(,\d{1,3}){1,2}'( '[A-Z0-9_]+(,\d{1,3}){1,2}')* > (~|\/home\/rigsters)\/la4_sequence(_standalone)?\.csv && boardiocli uSeq(Standalone)?$/;

test('no sequence of a user puts anything but registers and numbers before the shell', () => {
  fc.assert(
    fc.property(hostileSequence, (said) => {
      const parsed = sequence.safeParse(said);
      if (parsed.success) expect(loadScript(parsed.data)).toMatch(SAFE);
    }),
    { numRuns: 3000 },
  );
});

test('valid sequences reach the file as their rows, whatever the shell', () => {
  const valid = fc.array(
    fc.oneof(
      fc.record({ register: fc.constant('ALL_4_NIKON' as const), power: fc.integer({ min: 0, max: 100 }) }),
      fc.record({ register: fc.constant('LED_FAN' as const), on: fc.boolean() }),
    ),
    { minLength: 1, maxLength: 10 },
  );
  fc.assert(
    fc.property(valid, (steps) => {
      const written: string[] = [];
      runShell(loadScript({ steps, standalone: false }), {
        run: () => ({ status: 0, stdout: '', stderr: '' }),
        write: (_, text) => void written.push(text),
      });
      expect(written).toEqual([`${steps.map(rowOf).join('\n')}\n`]);
    }),
  );
});

describe('a marked script, run by a real shell,', () => {
  const run = (script: string): string => execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });

  test('ends with its mark and how it ended', () => {
    expect(readMarked(run(markedScript('printf a', MARK)), MARK)).toEqual({ ok: true, text: 'a' });
    expect(readMarked(run(markedScript('echo b >&2 && false', MARK)), MARK)).toEqual({
      ok: false,
      text: 'b\n',
    });
    expect(readMarked('BOARDIO_CLI: ok\n', MARK)).toBeUndefined();
    expect(readMarked(`@@${MARK}:ok\nmore`, MARK)).toBeUndefined();
  });

  test('keeps the mark behind whatever a user wrote', () => {
    for (const [command, ok, text] of [
      ['echo "it\'s"', true, "it's\n"],
      ['echo a # no end', true, 'a\n'],
      ['exit 3', false, ''],
      ['echo a; }', false, undefined],
      ["echo 'open", false, undefined],
      ['echo a\necho b', true, 'a\nb\n'],
      ['true && false', false, ''],
    ] as const) {
      const marked = readMarked(run(markedScript(shellScript(command), MARK)), MARK);
      expect(marked?.ok, command).toBe(ok);
      if (text !== undefined) expect(marked?.text).toBe(text);
    }
  });

  test('passes any command on as it is', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', "'", '"', '\\', '$', '`', '\n', ' ', ';', '#', '%'),
    });
    fc.assert(
      fc.property(text, (said) => {
        const script = shellScript(`printf '%s' '${said.replaceAll("'", `'\\''`)}'`);
        expect(readMarked(run(markedScript(script, MARK)), MARK)).toEqual({ ok: true, text: said });
      }),
      { numRuns: 40 },
    );
  });
});

describe('the simulated shell', () => {
  const world = {
    run: (name: string, args: readonly string[]) =>
      name === 'fail'
        ? { status: 1, stdout: 'out', stderr: 'err' }
        : name === 'say'
          ? { status: 0, stdout: args.join('|'), stderr: '' }
          : undefined,
    write: () => undefined,
  };

  test.each([
    ['say a && say b || say c', 0, 'ab', ''],
    ['fail && say b || say c', 0, 'outc', 'err'],
    ['{ fail; } 2>&1 && say y || say n', 0, 'outerrn', ''],
    ['fail || { say lost >&2; false; }', 1, 'out', 'errlost'],
    ['say \'a b\' "c\\"d" e\\ f', 0, 'a b|c"d|e f', ''],
    ["sh -c 'say '\\''x'\\'''", 0, 'x', ''],
    ['reboot', 127, '', 'sh: reboot: not found\n'],
    ['say $(reboot)', 2, '', 'sh: syntax error near "$(reboot)"\n'],
    ['say a; }', 2, '', 'sh: unexpected }\n'],
  ])('%s ends with %i', (script, status, stdout, stderr) => {
    expect(runShell(script, world)).toEqual({ status, stdout, stderr });
  });
});
