import { expect, test } from 'vitest';
import { FrameType } from '../../../src/upstreams/rcsp/protocol/frame.js';
import { parseServerMessage } from '../../../src/upstreams/rcsp/protocol/message.js';
import { RepeatedAnswers } from '../../../src/upstreams/rcsp/protocol/repeated-answers.js';

/** Answers that remember this payload. */
function after(...payloads: readonly string[]): RepeatedAnswers {
  const answers = new RepeatedAnswers();
  for (const each of payloads) {
    const payload = Buffer.from(each);
    const message = parseServerMessage(FrameType.responseOk, payload);
    if (message.kind !== 'ok') throw new Error('not an answer');
    answers.remember(payload, message);
  }
  return answers;
}

test('a payload that says the same with another TrackId is found', () => {
  const answers = after('{"TrackId":"ab-1","Response":{"Name":"Ö"}}');
  const found = answers.find(Buffer.from('{"TrackId":"ab-2","Response":{"Name":"Ö"}}'), 'ab-2');
  expect(found?.response).toEqual({ Name: 'Ö' });
  expect(found?.bytes?.toString()).toBe('{"Name":"Ö"}');
});

test.each([
  ['another answer', '{"TrackId":"ab-2","Response":{"Name":"B"}}', 'ab-2'],
  ['another form', '{"TrackId": "ab-2","Response":{"Name":"A"}}', 'ab-2'],
  ['the TrackId in another place', '{"TrackId":"ab-1","Response":{"Name":"ab-2"}}', 'ab-2'],
  ['no such TrackId', '{"TrackId":"ab-1","Response":{"Name":"A"}}', 'ab-3'],
])('a payload with %s is not found', (_, payload, trackId) => {
  const answers = after('{"TrackId":"ab-1","Response":{"Name":"A"}}');
  expect(answers.find(Buffer.from(payload), trackId)).toBeUndefined();
});

test.each([
  ['has its TrackId twice', '{"TrackId":"ab-1","Response":{"Name":"ab-1"}}'],
  ['holds an escape', String.raw`{"TrackId":"ab-1","Response":{"Name":"a\nb"}}`],
  ['is long', `{"TrackId":"ab-1","Response":{"Name":"${'x'.repeat(600)}"}}`],
])('a payload that %s is not remembered', (_, payload) => {
  const again = payload.replaceAll('ab-1', 'ab-2');
  expect(after(payload).find(Buffer.from(again), 'ab-2')).toBeUndefined();
});

test('what is remembered does not change with the chunk that it came in', () => {
  const payload = Buffer.from('{"TrackId":"ab-1","Response":{"Name":"A"}}');
  const answers = new RepeatedAnswers();
  const message = parseServerMessage(FrameType.responseOk, payload);
  if (message.kind === 'ok') answers.remember(payload, message);
  payload.fill(0);
  const again = Buffer.from('{"TrackId":"ab-2","Response":{"Name":"A"}}');
  expect(answers.find(again, 'ab-2')?.bytes?.toString()).toBe('{"Name":"A"}');
});

test('of very many answers the newest are remembered', () => {
  const payloadOf = (i: number): string => `{"TrackId":"ab-1","Response":{"N":${i}}}`;
  const answers = after(...Array.from({ length: 1001 }, (_, i) => payloadOf(i)));
  expect(answers.find(Buffer.from(payloadOf(1000)), 'ab-1')?.response).toEqual({ N: 1000 });
  expect(answers.find(Buffer.from(payloadOf(0)), 'ab-1')).toBeUndefined();
});
