// @module-tag extended
import { readFileSync } from 'node:fs';
import jsqr from 'jsqr';
import { describe, expect, test } from 'vitest';
import { addToken, fileWith, newTokenFile } from '../support/access.js';
import { run } from '../support/cli.js';
import type { Ended } from '../support/cli.js';

/** Its types say that the module has a property `default`; Node.js gives the function itself. */
const read = jsqr as unknown as typeof jsqr.default;
const ONE_LINE = /^rcsp-gateway: [^\n]+\n$/;
const CODE = /#sign-in=[A-Za-z0-9_-]{22}$/;

function withToken(): string {
  const file = newTokenFile();
  addToken(file, 'anna', 'control');
  return file;
}

function link(file: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return run(['token', 'link', 'anna', '--tokens', file, ...args], env);
}

/** Where the URL of the first line leads; its code is checked. */
function placeOf({ stdout }: Ended): string {
  const [line = ''] = stdout.split('\n');
  expect(line).toMatch(CODE);
  return line.replace(CODE, '');
}

describe('the URL of token link', () => {
  test.each<[said: string, env: NodeJS.ProcessEnv, place: string]>([
    ['nothing', {}, 'http://localhost:8080/'],
    ['a listen address', { RCSP_GATEWAY_LISTEN: '192.0.2.7:9000' }, 'http://192.0.2.7:9000/'],
    ['an IPv6 address', { RCSP_GATEWAY_LISTEN: '[2001:db8::7]:9000' }, 'http://[2001:db8::7]:9000/'],
    [
      'names and a certificate',
      {
        RCSP_GATEWAY_LISTEN: '0.0.0.0:8443',
        RCSP_GATEWAY_ALLOWED_HOST: '*.local,studio-gw.example',
        RCSP_GATEWAY_TLS_CERT: '/nowhere/cert.pem',
        RCSP_GATEWAY_TLS_KEY: '/nowhere/key.pem',
      },
      'https://studio-gw.example:8443/',
    ],
    [
      'where call and watch find it',
      { RCSP_GATEWAY_URL: 'https://studio.example' },
      'https://studio.example/',
    ],
  ])('follows the environment, which names %s', async (_said, env, place) => {
    const ended = await link(withToken(), [], env);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(placeOf(ended)).toBe(place);
  });

  test('follows the configuration file', async () => {
    const config = fileWith('{"listen": "192.0.2.7:9000"}');
    expect(placeOf(await link(withToken(), ['--config', config]))).toBe('http://192.0.2.7:9000/');
  });

  test('follows the token file of the configuration file', async () => {
    const config = fileWith(JSON.stringify({ tokens: withToken() }));
    const { code, stderr } = await run(['token', 'link', 'anna', '--config', config]);
    expect([code, stderr]).toEqual([0, '']);
  });

  test('is one of this machine where the gateway listens on every address', async () => {
    const place = placeOf(await link(withToken(), [], { RCSP_GATEWAY_LISTEN: '0.0.0.0:8080' }));
    expect(place).toMatch(/^http:\/\/(localhost|\d+\.\d+\.\d+\.\d+):8080\/$/);
    expect(place).not.toContain('0.0.0.0');
  });

  test.each([
    ['https://relay.example:8443/stage', 'https://relay.example:8443/stage/'],
    ['https://relay.example:8443/stage/', 'https://relay.example:8443/stage/'],
    ['studio-gw:8080', 'http://studio-gw:8080/'],
  ])('is below --url %s', async (url, place) => {
    expect(placeOf(await link(withToken(), ['--url', url]))).toBe(place);
  });
});

describe('token link ends with 2 and one line, and makes no link', () => {
  test.each<[args: readonly string[], says: RegExp, env: NodeJS.ProcessEnv]>([
    [['--url', 'ftp://x'], /--url "ftp:\/\/x" is not a URL/, {}],
    [['--url', 'http://u:p@x/'], /--url takes no user/, {}],
    [[], /port 0.*use --url/, { RCSP_GATEWAY_LISTEN: '127.0.0.1:0' }],
    [['--config', '/nowhere.json'], /--config \/nowhere\.json cannot be read/, {}],
  ])('for %j', async (args, says, env) => {
    const file = withToken();
    const text = readFileSync(file, 'utf8');
    const { code, stdout, stderr } = await link(file, args, env);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(ONE_LINE);
    expect(stderr).toMatch(says);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('for a token that is not there', async () => {
    const file = withToken();
    const { code, stdout, stderr } = await run(['token', 'link', 'boris', '--tokens', file]);
    expect([code, stdout, stderr]).toEqual([2, '', `rcsp-gateway: ${file} has no token "boris"\n`]);
  });

  test('for a token that has expired', async () => {
    const file = newTokenFile();
    addToken(file, 'anna', 'read', new Date('2001-01-01T00:00:00Z'));
    const { code, stderr } = await link(file);
    expect([code, stderr]).toEqual([2, `rcsp-gateway: the token "anna" in ${file} has expired\n`]);
  });
});

/** The text of a QR code that is drawn with half blocks; blocks are light. */
function decode(lines: readonly string[]): string | undefined {
  const rows = lines.flatMap((line) => [
    Array.from(line, (char) => char === '█' || char === '▀'),
    Array.from(line, (char) => char === '█' || char === '▄'),
  ]);
  const scale = 4;
  const width = (rows[0]?.length ?? 0) * scale;
  const height = rows.length * scale;
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const isLight = rows[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true;
      pixels.fill(isLight ? 255 : 0, (y * width + x) * 4, (y * width + x) * 4 + 3);
      pixels[(y * width + x) * 4 + 3] = 255;
    }
  return read(pixels, width, height)?.data;
}

describe('token link --qr', () => {
  test('draws the URL as a code that a reader reads', async () => {
    const { stdout, stderr } = await link(withToken(), ['--qr', '--url', 'https://studio-gw.example:8443']);
    const [url, ...lines] = stdout.trimEnd().split('\n');
    expect(stderr).toBe('');
    expect(decode(lines)).toBe(url);
    expect(lines[0]?.length).toBeLessThanOrEqual(80);
  });

  test('says that another device cannot follow the URL of a gateway on loopback', async () => {
    const { code, stderr } = await link(withToken(), ['--qr']);
    expect(code).toBe(0);
    expect(stderr).toMatch(ONE_LINE);
    expect(stderr).toContain('--url');
  });
});
