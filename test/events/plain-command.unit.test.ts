import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientMessage, isPlainCommand } from '../../src/events/protocol.js';

describe('the quick check of a command message', () => {
  test.each([
    { op: 'command', command: 'Info' },
    { op: 'command', id: 1, command: 'GetDeviceName', arguments: { DeviceId: 1 } },
    { op: 'command', id: 'a', command: 'X', arguments: {} },
    { op: 'command', id: null, command: 'X' },
  ])('it passes %j', (message) => {
    expect(isPlainCommand(message)).toBe(true);
  });

  test.each([
    null,
    [],
    'command',
    { op: 'ping' },
    { op: 'command' },
    { op: 'command', command: '' },
    { op: 'command', command: 'x'.repeat(201) },
    { op: 'command', command: 'X', id: 'x'.repeat(201) },
    { op: 'command', command: 'X', id: Infinity },
    { op: 'command', command: 'X', id: {} },
    { op: 'command', command: 'X', arguments: [] },
    { op: 'command', command: 'X', arguments: 'a' },
    { op: 'command', command: 'X', version: 1 },
    { op: 'command', command: 'X', more: 1 },
    JSON.parse('{"op":"command","command":"X","arguments":{"__proto__":1}}'),
  ])('it leaves %j to the schema', (message: unknown) => {
    expect(isPlainCommand(message)).toBe(false);
  });

  test('what it passes, the schema takes and gives back as it is', () => {
    const member = fc.oneof(fc.string(), fc.double(), fc.constant(null), fc.constant(undefined), fc.object());
    const message = fc.record({
      op: fc.constant('command'),
      id: member,
      command: member,
      arguments: fc.oneof(member, fc.dictionary(fc.string(), member)),
    });
    let passed = 0;
    fc.assert(
      fc.property(message, (made) => {
        const text = JSON.stringify(made);
        const json: unknown = JSON.parse(text);
        if (!isPlainCommand(json)) return;
        passed += 1;
        expect(JSON.stringify(clientMessage.parse(json))).toBe(text);
      }),
      { numRuns: 2000 },
    );
    expect(passed).toBeGreaterThan(10);
  });
});
