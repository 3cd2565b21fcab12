import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTokens } from '../../src/access/token-file.js';
import { argumentsJson } from '../../src/cli/arguments-json.js';
import { call } from '../../src/cli/call.js';
import { decodeText } from '../../src/util/text-file.js';
import { loadConfig, refusal, temporaryFolder } from '../support/access.js';

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

function fileOf(bytes: Buffer): string {
  const path = join(temporaryFolder(), 'file.json');
  writeFileSync(path, bytes, { mode: 0o600 });
  return path;
}

function utf16(text: string, isBigEndian = false): Buffer {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return isBigEndian ? bytes.swap16() : bytes;
}

/** As the three readers take it: the configuration, the token file, an argument. */
function taken(bytesOf: (json: string) => Buffer): unknown[] {
  return [
    loadConfig({ config: fileOf(bytesOf('{"grace":3}')) }, {}).grace,
    readTokens(fileOf(bytesOf('{"version":1,"tokens":[]}'))),
    JSON.parse(
      argumentsJson('SaveUserData', ['Tag=1', `UserData=@${fileOf(bytesOf('{"a":"ü"}'))}`]),
    ) as unknown,
  ];
}

test.each<readonly [what: string, bytesOf: (json: string) => Buffer]>([
  ['a byte order mark', (json) => Buffer.concat([BOM, Buffer.from(json)])],
  ['CRLF and white space at its end', (json) => Buffer.from(`${json.replaceAll(',', ',\r\n')}\r\n \t\r\n`)],
])('a file with %s is taken', (_, bytesOf) => {
  expect(taken(bytesOf)).toEqual([3, [], { Tag: 1, UserData: { a: 'ü' } }]);
});

describe('a file of another encoding is refused in one line that names it', () => {
  test.each<readonly [what: string, bytes: Buffer, says: string]>([
    ['UTF-16LE', utf16('{"grace":3}'), 'is UTF-16 text; save it as UTF-8'],
    ['UTF-16BE', utf16('{"grace":3}', true), 'is UTF-16 text; save it as UTF-8'],
    ['UTF-16 without a mark', utf16('{"grace":3}').subarray(2), 'is UTF-16 text; save it as UTF-8'],
    [
      'Latin-1',
      Buffer.from('{"a":1,\n"name":"M\xfcller"}', 'latin1'),
      'is not UTF-8 text (line 2); save it as UTF-8',
    ],
  ])('%s', async (_, bytes, says) => {
    const path = fileOf(bytes);
    expect(refusal({ config: path })).toBe(`--config ${path} ${says}`);
    expect(() => readTokens(path)).toThrow(`${path} ${says}`);
    expect(await call('SaveUserData', [`UserData=@${path}`], { url: 'http://127.0.0.1:1' })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `rcsp-gateway: UserData: ${path} ${says}\n`,
    });
  });
});

test('an empty text and one character are text', () => {
  expect(decodeText(Buffer.alloc(0))).toBe('');
  expect(decodeText(Buffer.from('7'))).toBe('7');
  expect(decodeText(BOM)).toBe('');
});
