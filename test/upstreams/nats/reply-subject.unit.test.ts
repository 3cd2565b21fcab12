import { expect, test } from 'vitest';
import { mayAnswer } from '../../../src/upstreams/nats/reply-subject.js';

test.each(['_INBOX.edge-1.x.1', '_R_.abc', 'answers.mine', 'rcsp-answers'])('%s may be answered', (reply) => {
  expect(mayAnswer({ reply })).toBe(true);
});

test.each([
  undefined,
  '',
  '$JS.API.STREAM.PURGE.RCSP',
  '$JS.ACK.RCSP.c.1.1.1.1.0',
  '$SYS.REQ.SERVER.PING',
  'rcsp.v1.stage.ev.Logs.Info',
  'rcsp.v1.stage.cmd.Info',
  'rcsp',
])('%s may not', (reply) => {
  expect(mayAnswer(reply === undefined ? {} : { reply })).toBe(false);
});
