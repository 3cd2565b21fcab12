import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addToken, fileWith, loadConfig, refusal, temporaryFolder } from '../support/access.js';

/** A file of tokens with one token, where the configuration folder would have it. */
function tokensUntil(expiresAt: Date | undefined): string {
  const path = join(temporaryFolder(), 'rcsp-gateway', 'tokens.json');
  addToken(path, 'a', 'read', expiresAt);
  return path;
}

describe('who needs a token', () => {
  test('loopback needs no token by default, and a shown token applies its scope', () => {
    const XDG_CONFIG_HOME = join(tokensUntil(undefined), '..', '..');
    expect(loadConfig({}, {}).auth).toBe('offered');
    expect(loadConfig({}, { XDG_CONFIG_HOME }).auth).toBe('offered');
  });

  test('loopback needs a token when --tokens is given', () => {
    const tokens = tokensUntil(undefined);
    expect(loadConfig({ tokens }, {})).toMatchObject({ auth: 'required', tokens });
    expect(loadConfig({}, { RCSP_GATEWAY_TOKENS: tokens }).auth).toBe('required');
    const config = fileWith(JSON.stringify({ tokens }));
    expect(loadConfig({ config }, {}).auth).toBe('required');
  });

  test('every other address needs a token from the file of the configuration folder', () => {
    const tokens = tokensUntil(new Date(Date.now() + 60_000));
    const env = { XDG_CONFIG_HOME: join(tokens, '..', '..') };
    for (const listen of ['0.0.0.0:0', '[::]:0', '192.168.1.5:8080']) {
      expect(loadConfig({ listen }, env)).toMatchObject({ auth: 'required', tokens });
      expect(loadConfig({ listen, tokens }, {})).toMatchObject({ auth: 'required', tokens });
    }
  });

  test('no address needs a token with noAuth', () => {
    for (const listen of ['127.0.0.1:0', '0.0.0.0:0']) {
      expect(loadConfig({ listen, noAuth: true }, {}).auth).toBe('off');
    }
  });

  test.each(['127.0.0.1:0', '0.0.0.0:0'])('%s is refused with tokens that let nobody in', (listen) => {
    const expired = tokensUntil(new Date(Date.now() - 1));
    const empty = fileWith('{"version":1,"tokens":[]}');
    chmodSync(empty, 0o600);
    for (const tokens of [expired, empty, '/nowhere/at-all.json']) {
      const message = refusal({ listen, tokens });
      expect(message).toContain(`--tokens ${tokens}`);
      expect(message).toContain('token create');
      expect(message).toContain('--no-auth');
      expect(message).not.toContain('\n');
    }
  });

  test('a file of tokens that cannot be used is refused, also where none is needed', () => {
    const tokens = tokensUntil(undefined);
    const env = { XDG_CONFIG_HOME: join(tokens, '..', '..') };
    chmodSync(tokens, 0o620);
    expect(refusal({}, env)).toContain(`chmod go-w ${tokens}`);
    chmodSync(tokens, 0o600);
    writeFileSync(tokens, 'no JSON');
    for (const message of [refusal({}, env), refusal({ tokens })]) {
      expect(message).toContain(`--tokens ${tokens}`);
      expect(message).not.toContain('\n');
    }
  });
});

describe('lists', () => {
  test('lists lists of names are read with commas, from JSON and in lower case', () => {
    const config = fileWith(
      '{"allowedHost":["Studio-PC","10.0.0.7"],"allowed-origin":"http://a, http://b:80/"}',
    );
    expect(loadConfig({ config }, {})).toMatchObject({
      allowedHost: ['studio-pc', '10.0.0.7'],
      allowedOrigin: ['http://a', 'http://b'],
    });
    const env = { RCSP_GATEWAY_ALLOWED_HOST: 'a.example,[FE80::1]' };
    expect(loadConfig({ config }, env).allowedHost).toEqual(['a.example', '[fe80::1]']);
    expect(loadConfig({ allowedHost: ['b'] }, env).allowedHost).toEqual(['b']);
  });

  test.each<readonly [said: unknown, expected: readonly string[]]>([
    [true, ['loopback']],
    ['true', ['loopback']],
    [false, []],
    ['false', []],
    ['10.0.0.0/8,::1', ['10.0.0.0/8', '::1']],
    [
      ['uniquelocal', '192.168.1.5'],
      ['uniquelocal', '192.168.1.5'],
    ],
  ])('the proxy list %j is read as %j', (said, expected) => {
    expect(loadConfig({ trustProxy: said }, {}).trustProxy).toEqual(expected);
    const config = fileWith(JSON.stringify({ trustProxy: said }));
    expect(loadConfig({ config }, {}).trustProxy).toEqual(expected);
  });

  test.each([
    ['allowedHost', 'a:1', 'without a port'],
    ['allowedOrigin', 'a', 'such as https://studio.example:8443'],
    ['trustProxy', 'a', 'networks such as 10.0.0.0/8'],
  ])('a wrong list is refused with its expected form: %s', (name, said, says) => {
    expect(refusal({ [name]: said })).toContain(says);
  });
});

describe('a certificate and its key', () => {
  test('certificate and key are refused one without the other', () => {
    const path = fileWith('');
    for (const flags of [{ tlsCert: path }, { tlsKey: path }]) {
      expect(refusal(flags)).toBe('--tls-cert and --tls-key need each other');
    }
  });

  test('a file that cannot be read is refused by name', () => {
    const path = fileWith('no PEM');
    expect(refusal({ tlsCert: '/nowhere/at-all.pem', tlsKey: path })).toContain(
      '--tls-cert /nowhere/at-all.pem',
    );
    expect(refusal({ tlsCert: path, tlsKey: '/nowhere/at-all.pem' })).toContain(
      '--tls-key /nowhere/at-all.pem',
    );
    const message = refusal({ tlsCert: path, tlsKey: path });
    expect(message).toContain(`--tls-cert ${path}`);
    expect(message).not.toContain('\n');
  });
});
