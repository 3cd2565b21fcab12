// @module-tag extended
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';
import { expect, test } from 'vitest';
import { ASYNCAPI_FILE, generateAsyncapi } from '../../openapi/generate.js';
import { startBoth } from '../support/gateway.js';

test('openapi/asyncapi.json equals what `npm run openapi` generates', () => {
  expect(generateAsyncapi()).toBe(readFileSync(ASYNCAPI_FILE, 'utf8'));
});

test('the official parser finds no error in the AsyncAPI document', async () => {
  const { document, diagnostics } = await new Parser().parse(generateAsyncapi());
  expect(diagnostics.filter(({ severity }) => `${severity}` === '0')).toEqual([]);
  const messages = document?.allMessages().all() ?? [];
  expect(new Set(messages.map((each) => each.name()))).toEqual(
    new Set(
      'subscribe unsubscribe command ping subscribed unsubscribed event gap response error pong'.split(' '),
    ),
  );
  expect(
    document
      ?.allChannels()
      .all()
      .map((each) => each.address()),
  ).toEqual(['/v1/ws', '/v1/ws/{channel}', '/v1/events', '/v1/events/{channel}']);
});

test('a running gateway serves the AsyncAPI document', async () => {
  const { gateway } = await startBoth();
  const { status, json } = await gateway.get('/asyncapi.json');
  expect(status).toBe(200);
  expect(json).toEqual(JSON.parse(generateAsyncapi()));
});
