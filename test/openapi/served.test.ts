import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DocumentCache } from '../../src/openapi/served-document.js';
import { toYaml } from '../../src/openapi/yaml.js';
import { addToken, bearer, newTokenFile } from '../support/access.js';
import { startBoth } from '../support/gateway.js';

const DOCUMENTS = ['/openapi.json', '/asyncapi.json', '/docs/json', '/docs/yaml'];

test.each(DOCUMENTS)('%s has an ETag and answers 304 to who has it', async (path) => {
  const { gateway } = await startBoth();
  const first = await gateway.get(path);
  const etag = first.headers.get('etag')!;
  expect(etag).toMatch(/^"[\w-]{43}"$/);
  expect(first.headers.get('cache-control')).toBe('no-cache');
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await gateway.get(path, { 'if-none-match': known });
    expect([known, again.status, again.text]).toEqual([known, 304, '']);
    expect(again.headers.get('etag')).toBe(etag);
  }
  expect((await gateway.get(path, { 'if-none-match': '"other"' })).status).toBe(200);
});

test('the YAML document holds what the JSON document holds', { tags: ['extended'] }, async () => {
  const { gateway } = await startBoth();
  const { text, headers } = await gateway.get('/docs/yaml');
  expect(headers.get('content-type')).toContain('yaml');
  expect(parse(text)).toEqual((await gateway.get('/docs/json')).json);
});

test.each([
  [{}, '{}\n'],
  [{ a: [], b: {}, c: null }, '"a": []\n"b": {}\n"c": null\n'],
  [
    { a: [{ b: 1, c: [2, [3]] }, 'x: y'] },
    '"a":\n  - "b": 1\n    "c":\n      - 2\n      - - 3\n  - "x: y"\n',
  ],
])('YAML of %j', (value, text) => {
  expect(toYaml(value)).toBe(text);
  expect(parse(text)).toEqual(value);
});

test('commands that only the studio knows are shown to those who may list commands', async () => {
  const file = newTokenFile();
  const token = addToken(file, 'a');
  const { gateway } = await startBoth({ tokens: file });
  for (const path of ['/openapi.json', '/docs/json', '/docs/yaml']) {
    const anybody = await gateway.get(path);
    const reader = await gateway.get(path, bearer(token));
    expect(anybody.status).toBe(200);
    expect(anybody.text).not.toContain('x-discovered":');
    expect(reader.text).toContain('x-discovered":');
    expect(reader.headers.get('vary')?.toLowerCase()).toContain('authorization');
    expect(anybody.headers.get('vary')?.toLowerCase()).toContain('authorization');
    expect(anybody.headers.get('etag')).not.toBe(reader.headers.get('etag'));
    const known = { ...bearer(token), 'if-none-match': reader.headers.get('etag')! };
    expect((await gateway.get(path, known)).status).toBe(304);
  }
});

describe('DocumentCache', () => {
  test('DocumentCache makes a document once for each list of the same objects', () => {
    let made = 0;
    const cache = new DocumentCache<{ readonly name: string }>((items) => `${(made += 1)}: ${items.length}`);
    const [a, b] = [{ name: 'a' }, { name: 'b' }];
    const texts = [[a], [a], [], [a], [a, b], [], [{ name: 'a' }]].map((list) =>
      cache.get(list).bytes.toString(),
    );
    expect(texts).toEqual(['1: 1', '1: 1', '2: 0', '1: 1', '3: 2', '2: 0', '4: 1']);
  });
});
