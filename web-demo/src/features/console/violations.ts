import { Validator } from '@cfworker/json-schema';
import type { OutputUnit } from '@cfworker/json-schema';
import { isObject } from './json.js';
import type { JsonObject } from './json.js';

/** A part of the data that its schema does not allow. */
export interface Violation {
  readonly path: readonly string[];
  readonly message: string;
  /** A required value is not there. */
  readonly isMissing: boolean;
}

/** Keywords that only repeat an error of a nested value. */
const CONTAINERS = new Set(['properties', 'items', 'allOf', '$ref']);

const validators = new WeakMap<JsonObject, Validator>();

/** Validates the data, which must not contain `undefined`. */
export function violationsOf(data: unknown, schema: JsonObject): Violation[] {
  return validatorOf(schema)
    .validate(data)
    .errors.filter(({ keyword, keywordLocation }) => !CONTAINERS.has(keyword) && !isInBranch(keywordLocation))
    .map((unit) => violationOf(unit, schema));
}

function validatorOf(schema: JsonObject): Validator {
  let validator = validators.get(schema);
  if (validator === undefined) {
    // The validator modifies its schema: pass a copy.
    validator = new Validator(structuredClone(schema), '2020-12', false);
    validators.set(schema, validator);
  }
  return validator;
}

/** When no branch matches, the errors of each branch are left out: the user cannot act on them. */
function isInBranch(location: string): boolean {
  return /\/(anyOf|oneOf)\/\d/.test(location);
}

function violationOf(unit: OutputUnit, schema: JsonObject): Violation {
  const path = partsOf(unit.instanceLocation);
  if (unit.keyword === 'required') {
    const [, missing = ''] = /"(.*)"/s.exec(unit.error) ?? [];
    return { path: [...path, missing], message: 'Required', isMissing: true };
  }
  return { path, message: messageOf(unit, limitAt(unit, schema)), isMissing: false };
}

function partsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value of the failed keyword in the schema. */
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

function messageOf({ keyword, error }: OutputUnit, limit: unknown): string {
  const limitText = String(limit);
  switch (keyword) {
    case 'type':
      return `This must be ${TYPES[limitText] ?? limitText}.`;
    case 'minimum':
      return `This must be ${limitText} or more.`;
    case 'maximum':
      return `This must be ${limitText} or less.`;
    case 'exclusiveMinimum':
      return `This must be more than ${limitText}.`;
    case 'exclusiveMaximum':
      return `This must be less than ${limitText}.`;
    case 'minLength':
      return limitText === '1' ? 'This must not be empty.' : `This needs ${limitText} characters or more.`;
    case 'maxLength':
      return `This may have ${limitText} characters at most.`;
    case 'minItems':
      return limitText === '1' ? 'At least one is needed.' : `At least ${limitText} are needed.`;
    case 'maxItems':
      return `There may be ${limitText} at most.`;
    case 'enum':
      return `This must be one of: ${Array.isArray(limit) ? limit.join(', ') : limitText}.`;
    default:
      return error;
  }
}
