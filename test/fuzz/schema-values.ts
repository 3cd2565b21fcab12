import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { z } from 'zod';

/** As much of JSON Schema as the document uses. */
const Schema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
});
type Schema = z.output<typeof Schema>;

/** Where a `$ref` leads in the document. */
export function resolveRef(document: unknown, ref: string): unknown {
  return ref
    .split('/')
    .slice(1)
    .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], document);
}

/** Values that fit a schema. What its words do not say is any JSON. */
export function valuesOf(schema: unknown, document: unknown): Arbitrary<unknown> {
  const parsed = Schema.parse(schema ?? {});
  if (parsed.$ref !== undefined) return valuesOf(resolveRef(document, parsed.$ref), document);
  if (parsed.enum !== undefined) return fc.constantFrom(...parsed.enum);
  if ('const' in parsed) return fc.constant(parsed.const);
  const choices = parsed.anyOf ?? parsed.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((each) => valuesOf(each, document)));
  const types = [parsed.type ?? []].flat();
  return types.length === 0
    ? fc.jsonValue()
    : fc.oneof(...types.map((type) => ofType(type, parsed, document)));
}

function ofType(type: string, schema: Schema, document: unknown): Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objects(schema, document);
    case 'array':
      return fc.array(valuesOf(schema.items, document), lengths(schema.minItems, schema.maxItems, 4));
    case 'string':
      return texts(schema);
    case 'integer':
      return integers(schema);
    case 'number':
      return fc.oneof(integers(schema), numbers(schema));
    case 'boolean':
      return fc.boolean();
    default:
      return fc.constant(null);
  }
}

function lengths(minLength = 0, maxLength = Infinity, usual = 20): { minLength: number; maxLength: number } {
  return { minLength, maxLength: Math.min(maxLength, Math.max(minLength, usual)) };
}

function objects(schema: Schema, document: unknown): Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const known = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, valuesOf(each, document)])),
    { requiredKeys: required },
  );
  const isOpen = typeof additionalProperties === 'object' && additionalProperties !== null;
  if (!isOpen) return known;
  const extras = fc.dictionary(fc.string(), valuesOf(additionalProperties, document), { maxKeys: 2 });
  return fc.tuple(known, fc.oneof(fc.constant({}), extras)).map(([own, more]) => ({ ...more, ...own }));
}

/** Words that mean something to a studio. */
const WORDS = [
  'Logs/Info',
  'devices/1/DeviceLogs/Error',
  'Logs',
  'DeviceEvents',
  'Connected',
  'Info',
  'Error',
  'RingLed',
  'StatusLed',
  'Smartgloves',
  'GetDeviceName',
  'SetDeviceName',
  'RunSelfTest',
  'UpdateFirmware',
  'abcd',
];

function texts({ pattern, minLength, maxLength }: Schema): Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  const length = lengths(minLength, maxLength);
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...WORDS) },
    fc.string(length),
    fc.string({ ...length, unit: 'grapheme' }),
  );
}

/** Small ones mostly: those are the devices that there are. */
function integers({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): Arbitrary<number> {
  const min = Math.ceil(
    minimum ?? (exclusiveMinimum === undefined ? Number.MIN_SAFE_INTEGER : exclusiveMinimum + 1),
  );
  const max = Math.floor(
    maximum ?? (exclusiveMaximum === undefined ? Number.MAX_SAFE_INTEGER : exclusiveMaximum - 1),
  );
  const low = Math.min(Math.max(1, min), max);
  const small = fc.integer({ min: low, max: Math.max(low, Math.min(4, max)) });
  return fc.oneof({ weight: 3, arbitrary: small }, { weight: 1, arbitrary: fc.integer({ min, max }) });
}

function numbers({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): Arbitrary<number> {
  return fc.double({
    noNaN: true,
    noDefaultInfinity: true,
    min: minimum ?? exclusiveMinimum ?? -Number.MAX_VALUE,
    max: maximum ?? exclusiveMaximum ?? Number.MAX_VALUE,
    minExcluded: minimum === undefined && exclusiveMinimum !== undefined,
    maxExcluded: maximum === undefined && exclusiveMaximum !== undefined,
  });
}
