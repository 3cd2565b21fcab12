import { describe, expect, test } from 'vitest';
import { flagOf, variableOf } from '../../src/config/setting-names.js';
import { SETTING_NAMES, SETTINGS } from '../../src/config/settings.js';
import type { SettingName } from '../../src/config/settings.js';
import { fileWith, loadConfig, refusal } from '../support/access.js';

const HASH = 'Ab'.repeat(32);

describe('precedence', () => {
  test('a flag beats the environment, which beats the file, which beats the default', () => {
    const config = fileWith('{"poolSize":2,"devices":2,"grace":2}');
    const env = { RCSP_GATEWAY_POOL_SIZE: '3', RCSP_GATEWAY_DEVICES: '3', RCSP_GATEWAY_CONFIG: config };
    expect(loadConfig({ poolSize: '5' }, env)).toMatchObject({
      poolSize: 5,
      devices: 3,
      grace: 2,
      maxWaiting: 1000,
    });
  });

  test('the file that a flag names beats the one of the environment', () => {
    const [first, second] = [fileWith('{"grace":1}'), fileWith('{"grace":2}')];
    expect(loadConfig({ config: first }, { RCSP_GATEWAY_CONFIG: second }).grace).toBe(1);
  });

  test('an empty variable is ignored', () => {
    const env = Object.fromEntries(SETTING_NAMES.map((name) => [variableOf(name), '']));
    expect(loadConfig({}, { ...env, RCSP_GATEWAY_CONFIG: '' })).toEqual(loadConfig({}, {}));
  });
});

test('the defaults are those of the contract', () => {
  expect(loadConfig({}, {})).toMatchObject({
    rcsp: { host: '127.0.0.1', port: 45451 },
    listen: { host: 'localhost', port: 8080 },
    noAuth: false,
    simulate: false,
    poolSize: 4,
    maxWaiting: 1000,
    maxPayload: 16 * 1024 * 1024,
    logLevel: 'info',
    auth: 'offered',
    tlsCert: null,
    tlsKey: null,
    allowedHost: [],
    allowedOrigin: [],
    trustProxy: [],
    authRate: 60,
    commandRate: 0,
    controlLease: false,
    leaseTime: 60,
  });
});

describe('a bad value is refused in one line that names its source', () => {
  const BAD: Readonly<Partial<Record<SettingName, readonly string[]>>> = {
    rcsp: [
      'studio',
      'studio:',
      ':45451',
      'studio:0',
      'studio:65536',
      'stu dio:1',
      '::1:45451',
      'http://x:1',
      '',
    ],
    studio: ['', ',', 'Stage=a:1', 'a b=c:1', '-a=c:1', 'stage=', 'stage=http://x', 'a=b:1,a=c:2', 'v1=a:1'],
    studiosFile: [''],
    defaultStudio: ['', 'Stage', 'metrics'],
    ready: ['', 'some'],
    listen: ['8080', '127.0.0.1', '127.0.0.1:65536', '127.0.0.1:-1', '[::1]', 'a:b:1'],
    noAuth: ['maybe'],
    tokens: [''],
    tokenHashes: [
      '',
      ',',
      'a:read',
      `a:root:${HASH}`,
      `a b:read:${HASH}`,
      `a:read:${HASH}:x`,
      'a:read:rcspgw_AAA',
    ],
    tlsCert: [''],
    tlsKey: [''],
    allowedHost: [
      '',
      'studio:8080',
      'http://studio',
      'stu dio',
      '*',
      '*.',
      'a.*',
      '*local',
      '[studio]',
      'studio/',
      'a,',
      '-a',
    ],
    allowedOrigin: [
      '',
      '*',
      'null',
      'studio.example',
      'https://studio.example/page',
      'https://studio.example?a',
      'https://me@studio.example',
      'ftp://studio.example',
      'https://*.example',
      'tauri://*',
      'tauri://localhost/page',
      'tauri:',
      'wss://studio.example',
    ],
    trustProxy: [
      '',
      'everywhere',
      '*',
      '1',
      '10.0.0.0/33',
      '10.0.0.0/0',
      '10.0.0.0/8/8',
      '::1/129',
      '10.0.0',
    ],
    authRate: ['0', '1000001', '-1', 'none'],
    commandRate: ['-1', '1000001', '0.5'],
    controlLease: ['2'],
    leaseTime: ['0', '86401'],
    simulate: ['y'],
    devices: ['-1', '1.5', '1001', 'four', '0x10', ' 4'],
    lights: ['', ',', 'light:0', 'light:65536', 'http://light', 'li ght', '10.0.0.1,10.0.0.1:5000'],
    lightsListen: ['', '5000', 'light:65536'],
    lightsScan: ['y'],
    lightsShell: ['y'],
    rtc: ['y'],
    rtcPort: ['0', '1024', '65536', 'any'],
    iceServer: ['', ',', 'stun.example', 'http://stun.example', 'stun:', 'turn:host:65536', 'stun:a b'],
    turnSecretFile: [''],
    nats: ['', ',', 'hub:4222', 'http://hub:4222', 'nats://'],
    natsCreds: [''],
    natsCa: [''],
    natsCert: [''],
    natsKey: [''],
    natsName: ['', 'a b', 'x'.repeat(65)],
    edge: ['y'],
    natsMaxScope: ['', 'root'],
    relay: [
      '',
      'relay.example',
      'ftp://relay.example',
      'https://me@relay.example',
      'https://relay.example/?a',
    ],
    relayName: ['', 'Stage', '-a', 'a b', 'v1', 'metrics', 'x'.repeat(33)],
    relayTokenFile: [''],
    relayMaxScope: ['root'],
    stateFolder: [''],
    poolSize: ['0', '65', '4e0'],
    maxWaiting: ['0', '-5'],
    maxTimeout: ['0', '86401'],
    connectTimeout: ['9', 'Infinity'],
    maxPayload: ['1023', '99999999999999999999'],
    bodyLimit: ['0'],
    historyEvents: ['0'],
    historyBytes: ['1023'],
    linger: ['-1', '86401'],
    clientBuffer: ['16383'],
    maxClients: ['0'],
    maxSubscriptions: ['0', '100001'],
    pingInterval: ['0', '3601'],
    stallTimeout: ['0'],
    grace: ['-1', '601'],
    logLevel: ['loud', 'INFO', 'constructor'],
    logFormat: ['xml'],
  };

  const rows = Object.entries(BAD).flatMap(([name, values]) => values.map((value) => [name, value] as const));

  test.each(rows)('%s: %j', (name, value) => {
    const flag = refusal({ [name]: value });
    expect(flag).toContain(flagOf(name));
    expect(flag).not.toContain('\n');
    const path = fileWith(JSON.stringify({ [name]: value }));
    const file = refusal({ config: path });
    expect(file).toContain(`"${name}"`);
    expect(file).toContain(path);
    if (value === '') return;
    expect(refusal({}, { [variableOf(name)]: value })).toContain(variableOf(name));
  });

  test('every setting has a bad value above', () => {
    expect(Object.keys(BAD).sort()).toEqual([...SETTING_NAMES].sort());
  });

  test.each([
    ['poolSize', true],
    ['poolSize', null],
    ['poolSize', 2.5],
    ['rcsp', 45451],
    ['rcsp', { host: 'a', port: 1 }],
    ['simulate', 2],
    ['logLevel', ['info']],
    ['tokens', 5],
    ['tlsCert', ['cert.pem']],
    ['allowedHost', 5],
    ['allowedHost', []],
    ['allowedHost', ['studio', 5]],
    ['allowedOrigin', { origin: 'https://studio.example' }],
    ['trustProxy', 1],
    ['authRate', '1e3'],
    ['controlLease', []],
  ])('of another type of JSON: %s: %j', (name, value) => {
    const message = refusal({ config: fileWith(JSON.stringify({ [name]: value })) });
    expect(message).toContain(`"${name}"`);
    expect(message).not.toContain('\n');
  });
});

describe('a boolean', () => {
  test.each([
    ['1', true],
    ['0', false],
    ['true', true],
    ['False', false],
    ['yes', true],
    ['NO', false],
    ['On', true],
    ['off\r', false],
  ])('spelt %j is %s as a flag, in the environment and in the file', (text, expected) => {
    const config = fileWith(JSON.stringify({ simulate: text }));
    const taken = [
      loadConfig({ simulate: text }, {}),
      loadConfig({}, { RCSP_GATEWAY_SIMULATE: text }),
      loadConfig({ config }, {}),
    ];
    expect(taken.map(({ simulate }) => simulate)).toEqual([expected, expected, expected]);
  });

  test('that is not understood is refused with the list of spellings', () => {
    expect(refusal({}, { RCSP_GATEWAY_SIMULATE: 'maybe' })).toBe(
      'RCSP_GATEWAY_SIMULATE must be one of true, false, yes, no, on, off, 1, 0, not "maybe"',
    );
    expect(refusal({ config: fileWith('{"simulate":2}') })).toContain('true, false, yes, no, on, off, 1, 0');
  });

  test('a boolean takes the numbers 1 and 0 in the file', () => {
    expect(loadConfig({ config: fileWith('{"simulate":1,"controlLease":0}') }, {})).toMatchObject({
      simulate: true,
      controlLease: false,
    });
  });

  test('of trustProxy takes words, and no number', () => {
    expect(loadConfig({ trustProxy: 'Yes' }, {}).trustProxy).toEqual(['loopback']);
    expect(loadConfig({ trustProxy: 'off' }, {}).trustProxy).toEqual([]);
  });
});

describe('the file', () => {
  test('the file takes JSON values and text, keys in both spellings', () => {
    const config = fileWith(
      '{"pool-size":7,"maxWaiting":"20","no-auth":true,"simulate":"true","rcsp":"[::1]:5"}',
    );
    expect(loadConfig({ config }, {})).toMatchObject({
      poolSize: 7,
      maxWaiting: 20,
      noAuth: true,
      simulate: true,
      rcsp: { host: '::1', port: 5 },
    });
  });

  test.each([
    ['{"poolsize":1}', '"poolsize"'],
    ['{"__proto__":1,"nope":1}', 'nope'],
    ['{"config":"other.json"}', '"config"'],
    ['[1]', 'JSON object'],
    ['null', 'JSON object'],
    ['{"poolSize":', '--config'],
    ['', '--config'],
    ['{"a":1,}\n\n{', '--config'],
  ])('that holds %j is refused in one line', (text, expected) => {
    const path = fileWith(text);
    const message = refusal({ config: path });
    expect(message).toContain(expected);
    expect(message).toContain(path);
    expect(message).not.toContain('\n');
  });

  test('that is missing is refused by name', () => {
    expect(refusal({ config: '/nowhere/at-all.json' })).toContain('--config /nowhere/at-all.json');
    expect(refusal({}, { RCSP_GATEWAY_CONFIG: '/nowhere/at-all.json' })).toContain('/nowhere/at-all.json');
  });
});

describe('addresses', () => {
  test.each([
    ['http://pc:45451', 'without http://, such as pc:45451'],
    ['rcsp://pc:45451/', 'without rcsp://, such as pc:45451'],
    ['pc:45451/', 'with nothing behind it, such as pc:45451'],
    ['pc:45451/v1', 'with nothing behind it, such as pc:45451'],
  ])('%s is refused, and the mistake is named', (rcsp, says) => {
    expect(refusal({ rcsp })).toBe(`--rcsp must be host:port ${says}, not "${rcsp}"`);
  });

  test.each([
    ['studio-pc:45451', 'studio-pc', 45451],
    ['10.0.0.7:1', '10.0.0.7', 1],
    ['[::1]:45451', '::1', 45451],
    ['[fe80::1%eth0]:65535', 'fe80::1%eth0', 65535],
  ])('%s', (text, host, port) => {
    expect(loadConfig({ rcsp: text }, {}).rcsp).toEqual({ host, port });
  });

  test.each(['127.0.0.1:0', 'localhost:8080', '[::1]:8080', '127.1.2.3:80'])(
    '%s is allowed without noAuth',
    (listen) => {
      expect(loadConfig({ listen }, {}).listen.port).toBeTypeOf('number');
    },
  );

  test.each(['0.0.0.0:8080', '[::]:8080', '192.168.1.5:8080', 'studio-pc:8080', '[::ffff:10.0.0.1]:1'])(
    '%s is refused without noAuth',
    (listen) => {
      const message = refusal({ listen });
      expect(message).toContain(`--listen ${listen}`);
      expect(message).toContain('token create');
      expect(message).toContain('--no-auth');
      expect(message).not.toContain('\n');
      expect(loadConfig({ listen, noAuth: true }, {}).noAuth).toBe(true);
      expect(loadConfig({ listen }, { RCSP_GATEWAY_NO_AUTH: 'true' }).noAuth).toBe(true);
    },
  );
});

describe('token hashes', () => {
  const [a, b] = [`a:read:${HASH}`, `b:admin:${HASH}`];
  const tokens = [
    { name: 'a', scope: 'read', sha256: 'ab'.repeat(32) },
    { name: 'b', scope: 'admin', sha256: 'ab'.repeat(32) },
  ];

  test.each([`${a},${b}`, `${a}\r\n${b}\r\n`, ` ${a} , \n${b},`])('parted as in %j', (text) => {
    const config = loadConfig({}, { RCSP_GATEWAY_TOKEN_HASHES: text });
    expect([config.tokenHashes, config.auth]).toEqual([tokens, 'required']);
  });

  test('of one name twice, or with --no-auth, are refused', () => {
    expect(refusal({ tokenHashes: [a, a] })).toBe('--token-hashes names two tokens alike');
    expect(refusal({ tokenHashes: [a], noAuth: true })).toBe(
      '--no-auth and --token-hashes contradict each other',
    );
  });

  test('token hashes are not quoted when they are refused', () => {
    expect(refusal({}, { RCSP_GATEWAY_TOKEN_HASHES: 'a:read:rcspgw_AAA' })).not.toContain('rcspgw_');
  });
});

test('names of flags and variables are functions of the key', () => {
  expect([flagOf('poolSize'), variableOf('poolSize')]).toEqual(['--pool-size', 'RCSP_GATEWAY_POOL_SIZE']);
  expect(Object.keys(SETTINGS)).toEqual(SETTING_NAMES);
});

describe('the settings of light arrays', () => {
  test('take addresses with and without a port', () => {
    const { lights } = loadConfig({ lights: ['192.168.0.23', 'light-1:5001', '::1', '[::1]:5002'] }, {});
    expect(lights).toEqual([
      { host: '192.168.0.23', port: 5000 },
      { host: 'light-1', port: 5001 },
      { host: '::1', port: 5000 },
      { host: '::1', port: 5002 },
    ]);
  });

  test('keep what nodes told below XDG_STATE_HOME unless a folder is said', () => {
    expect(loadConfig({}, { XDG_STATE_HOME: '/state' }).stateFolder).toBe('/state/rcsp-gateway');
    expect(loadConfig({ stateFolder: '/here' }, {}).stateFolder).toBe('/here');
  });
});
