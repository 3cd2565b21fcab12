import { Validator } from '@cfworker/json-schema';
import type { OutputUnit } from '@cfworker/json-schema';
import { isObject } from './json.js';
import type { JsonObject } from './json.js';

/** Something in the data that its schema does not allow. */
export interface Violation {
  readonly path: readonly string[];
  readonly message: string;
}

/** They only tell that something below them is wrong. */
const CONTAINERS = new Set(['properties', 'items', 'allOf', '$ref']);

const validators = new WeakMap<JsonObject, Validator>();

/** What is wrong with the data; it must have no `undefined` in it. */
export function violationsOf(data: unknown, schema: JsonObject): Violation[] {
  return validatorOf(schema)
    .validate(data)
    .errors.filter(({ keyword, keywordLocation }) => !CONTAINERS.has(keyword) && !isInBranch(keywordLocation))
    .map((unit) => violationOf(unit, schema));
}

function validatorOf(schema: JsonObject): Validator {
  let validator = validators.get(schema);
  if (validator === undefined) {
    // A copy, for the validator writes into the schema.
    validator = new Validator(structuredClone(schema), '2020-12', false);
    validators.set(schema, validator);
  }
  return validator;
}

/** Of several forms none fits: why each does not would only confuse. */
function isInBranch(location: string): boolean {
  return /\/(anyOf|oneOf)\/\d/.test(location);
}

function violationOf(unit: OutputUnit, schema: JsonObject): Violation {
  const path = partsOf(unit.instanceLocation);
  if (unit.keyword === 'required') {
    const [, missing = ''] = /"(.*)"/s.exec(unit.error) ?? [];
    return { path: [...path, missing], message: 'This is needed.' };
  }
  return { path, message: inWords(unit, limitAt(unit, schema)) };
}

function partsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What the schema says where the unit found fault. */
function limitAt({ keyword, keywordLocation }: OutputUnit, schema: JsonObject): unknown {
  const parts = partsOf(keywordLocation);
  if (parts.at(-1) !== keyword) parts.push(keyword);
  return parts.reduce<unknown>((found, part) => (isObject(found) ? found[part] : undefined), schema);
}

const TYPES: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function inWords({ keyword, error }: OutputUnit, limit: unknown): string {
  const told = String(limit);
  switch (keyword) {
    case 'type':
      return `This must be ${TYPES[told] ?? told}.`;
    case 'minimum':
      return `This must be ${told} or more.`;
    case 'maximum':
      return `This must be ${told} or less.`;
    case 'exclusiveMinimum':
      return `This must be more than ${told}.`;
    case 'exclusiveMaximum':
      return `This must be less than ${told}.`;
    case 'minLength':
      return told === '1' ? 'This must not be empty.' : `This needs ${told} characters or more.`;
    case 'maxLength':
      return `This may have ${told} characters at most.`;
    case 'minItems':
      return told === '1' ? 'At least one is needed.' : `At least ${told} are needed.`;
    case 'maxItems':
      return `There may be ${told} at most.`;
    case 'enum':
      return `This must be one of: ${Array.isArray(limit) ? limit.join(', ') : told}.`;
    default:
      return error;
  }
}
