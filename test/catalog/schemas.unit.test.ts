import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type CommandDefinition,
  COMMANDS,
  type CommandName,
  commandByName,
  PUBLISHERS,
} from '../../src/catalog/index.js';

const commands: readonly CommandDefinition[] = COMMANDS;

function get(name: CommandName): CommandDefinition {
  const command = commandByName.get(name);
  if (!command) throw new Error(`${name} is missing`);
  return command;
}

const takes = (name: CommandName, args: Record<string, unknown>): boolean =>
  get(name).arguments.safeParse(args).success;

/** The example's arguments of a command with some of them replaced. */
const withExample = (name: CommandName, changes: Record<string, unknown>): Record<string, unknown> => ({
  ...get(name).example.arguments,
  ...changes,
});

const schemas: [string, z.ZodObject][] = [
  ...commands.flatMap((command): [string, z.ZodObject][] => [
    [`${command.name} arguments`, command.arguments],
    ...(command.response ? [[`${command.name} response`, command.response] as [string, z.ZodObject]] : []),
  ]),
  ...PUBLISHERS.map((row): [string, z.ZodObject] => [`${row.target} ${row.name} events`, row.eventData]),
];

describe('arguments', () => {
  test.each([
    ['a DeviceId below zero', 'GetDeviceName', { DeviceId: -1 }],
    ['a DeviceId that is no integer', 'GetDeviceName', { DeviceId: 1.5 }],
    ['a DeviceId in quotes', 'GetDeviceName', { DeviceId: '1' }],
    ['a colour over 255', 'SetColorLed', { Red: 256 }],
    ['a colour below 0', 'SetColorLed', { Blue: -1 }],
    ['an LED without a name', 'SetColorLed', { LedId: '' }],
    ['a behaviour other than On and Off', 'SetLedBehavior', { BehaviorType: 'on' }],
    ['a band other than 0, 1 and 2', 'ScanNetwork', { Band: 3 }],
    ['an unknown process type', 'PostProcess', { ProcessType: 'Smooth' }],
    ['a frame rate of zero', 'SetFrameRate', { FrameRate: 0 }],
    ['a negative Wi-Fi timeout', 'StartWifi', { TimeoutMs: -1 }],
    ['an empty firmware path', 'UpdateFirmware', { FwPath: '' }],
    ['tag 0', 'SaveUserData', { Tag: 0 }],
    ['user data that is an array', 'SaveUserData', { UserData: [] }],
    ['a subscription to nothing', 'Subscribe', { Publishers: [] }],
    ['a publisher without topics', 'Subscribe', { Publishers: [{ Publisher: 'Logs', Topics: [] }] }],
    ['a test event without a topic', 'TestEvent', { Topic: '' }],
  ] satisfies [string, CommandName, Record<string, unknown>][])('refuse %s', (_what, name, changes) => {
    expect(takes(name, withExample(name, {}))).toBe(true);
    expect(takes(name, withExample(name, changes))).toBe(false);
  });

  test.each([
    ['a port over 16 bits', { ServerPort: 65_536 }],
    ['an unknown security type', { SecurityType: 'WEP' }],
    ['bytes over 255', { Ssid: { Raw: [256], Str: '' } }],
  ])('refuse network settings with %s', (_what, changes) => {
    const settings = z
      .record(z.string(), z.unknown())
      .parse(get('SetNetworkConfiguration').example.arguments.Settings);
    expect(takes('SetNetworkConfiguration', { DeviceId: 1, Settings: { ...settings } })).toBe(true);
    expect(takes('SetNetworkConfiguration', { DeviceId: 1, Settings: { ...settings, ...changes } })).toBe(
      false,
    );
  });

  test('arguments may name an LED that the specification does not know', () => {
    expect(takes('SetLedBehavior', withExample('SetLedBehavior', { LedId: 'ChestLed' }))).toBe(true);
  });

  test('arguments may be null or absent where they are optional', () => {
    for (const value of [null, undefined]) {
      expect(takes('ListPublishers', { DeviceId: value })).toBe(true);
      expect(takes('StartWifi', { DeviceId: 1, TimeoutMs: value })).toBe(true);
      expect(takes('UpdateFirmware', { DeviceId: 1, FwPath: 'a', ForceUpdate: value })).toBe(true);
      expect(takes('UpdateSensorFirmware', { DeviceId: 1, FwPath: 'a', SensorsInBoot: value })).toBe(true);
    }
  });
});

describe('answers', () => {
  test('answers may hold null or nothing where a value is optional', () => {
    const { response, example } = get('RunSelfTest');
    const optional = ['HubMagnetometerData_Gauss', 'ArmSignedMagGainSwitchOn', 'AdcMeanExternalAdc_V'];
    for (const value of [null, undefined]) {
      const changes = Object.fromEntries(optional.map((key) => [key, value]));
      expect(response?.safeParse({ ...example.response, ...changes }).success).toBe(true);
    }
    expect(get('GetEmfChannel').response?.safeParse({ Channel: 1, FreqX: null }).success).toBe(true);
  });

  test('answers stay good when a newer server names devices, connections and security in a new way', () => {
    const device = {
      DeviceId: 1,
      DeviceType: 'Headrig',
      ConnectionType: 'BLE',
      Updatable: true,
      IsBootloader: false,
    };
    expect(get('ListDevices').response?.safeParse({ Devices: [device] }).success).toBe(true);
    const { response, example } = get('GetNetworkConfiguration');
    expect(response?.safeParse({ ...example.response, SecurityType: 'WPA4', Band: 3 }).success).toBe(true);
  });
});

describe('schemas', () => {
  test('fit the examples and give them back unchanged', () => {
    for (const { name, arguments: args, response, example } of commands) {
      expect(args.parse(example.arguments), name).toEqual(example.arguments);
      if (response) expect(response.parse(example.response), name).toEqual(example.response);
      else expect(example.response, name).toBeNull();
    }
    for (const { name, eventData, example } of PUBLISHERS) {
      expect(eventData.parse(example), name).toEqual(example);
    }
  });

  test('schemas keep fields that they do not know, at every level', () => {
    for (const { name, arguments: args, response, example } of commands) {
      const widened = widen(example.arguments);
      expect(args.parse(widened), name).toEqual(widened);
      if (response) expect(response.parse(widen(example.response)), name).toEqual(widen(example.response));
    }
  });

  test.each(schemas)(
    'schemas become JSON schemas in which every property is described: %s',
    (_name, schema) => {
      for (const io of ['input', 'output'] as const) {
        const json = z.toJSONSchema(schema, { io });
        expect(undescribed(json)).toEqual([]);
      }
    },
  );

  test('schemas are the same for input and output, so that no default or conversion hides in them', () => {
    for (const [name, schema] of schemas) {
      expect(z.toJSONSchema(schema, { io: 'input' }), name).toEqual(z.toJSONSchema(schema, { io: 'output' }));
    }
  });

  test('schemas have component ids in PascalCase, each of which always means the same', () => {
    const seen = new Map<string, unknown>();
    for (const [, schema] of schemas) {
      for (const [id, definition] of Object.entries(z.toJSONSchema(schema, { io: 'input' }).$defs ?? {})) {
        expect(id).toMatch(/^Rcsp[A-Z]\w+$/);
        if (seen.has(id)) expect(definition, id).toEqual(seen.get(id));
        seen.set(id, definition);
      }
    }
    expect([...seen.keys()]).toEqual(
      expect.arrayContaining(['RcspVersion', 'RcspNetSettings', 'RcspDevice']),
    );
  });
});

/** The value with one more field in each of its objects. */
function widen(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(widen);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, widen(inner)]);
  return Object.fromEntries([...entries, ['FromTheFuture', { Kept: true }]]);
}

/** Paths of properties that neither describe themselves nor refer to something that does. */
function undescribed(root: z.core.JSONSchema.JSONSchema): string[] {
  const found: string[] = [];
  const visit = (schema: z.core.JSONSchema._JSONSchema, path: string): void => {
    if (typeof schema === 'boolean') return;
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      const target = typeof property === 'boolean' ? undefined : (resolve(property.$ref) ?? property);
      const described = typeof property !== 'boolean' && (property.description ?? target?.description);
      if (!described) found.push(`${path}.${key}`);
      visit(property, `${path}.${key}`);
    }
    for (const inner of schema.anyOf ?? []) visit(inner, path);
    if (schema.items && !Array.isArray(schema.items)) visit(schema.items, `${path}[]`);
    for (const [id, definition] of Object.entries(schema.$defs ?? {})) visit(definition, id);
  };
  const resolve = (ref: string | undefined): z.core.JSONSchema.JSONSchema | undefined =>
    ref === undefined ? undefined : root.$defs?.[ref.replace('#/$defs/', '')];
  visit(root, '$');
  return found;
}
