/** Checks a command's arguments, with RCSP's error codes, and describes them as RCSP does. */
import { z } from 'zod';
import type { RcspErrorCode } from '../errors/errors.js';
import { CommandFailure } from './failure.js';

export type Arguments = Readonly<Record<string, unknown>>;

/** `rcsp_arg_description` */
export interface ArgumentDescription {
  readonly Name: string;
  readonly Info: string;
  readonly Type: 'String' | 'Number' | 'Array' | 'Object' | 'Boolean';
  readonly Optional: boolean;
}

/**
 * The arguments as the schema types them.
 * @throws CommandFailure for the first fault; it names path and reason, never a value, which may be a secret
 */
export function checkArguments<T extends z.ZodType>(schema: T, given: Arguments): z.output<T> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue === undefined) throw new CommandFailure('Invalid argument', 'the arguments do not fit');
  const path = issue.path.map(String).join('.');
  throw new CommandFailure(codeOf(issue, given), path === '' ? issue.message : `${path}: ${issue.message}`);
}

function codeOf(issue: z.core.$ZodIssue, given: Arguments): RcspErrorCode {
  const value = valueAt(given, issue.path);
  if (value === undefined && issue.path.length > 0) {
    return issue.path.length === 1 ? 'Missing required argument' : 'Missing required key';
  }
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' && typeof value === 'number' ? 'Invalid value' : 'Invalid value type';
    case 'invalid_value':
      return issue.values.some((one) => typeof one === typeof value) ? 'Invalid value' : 'Invalid value type';
    case 'too_small':
    case 'too_big':
    case 'invalid_format':
    case 'not_multiple_of':
      return 'Invalid value';
    default:
      return 'Invalid argument';
  }
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    const inside = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    return inside ? Reflect.get(value, key) : undefined;
  }, root);
}

const TYPES: ReadonlyMap<unknown, ArgumentDescription['Type']> = new Map([
  ['string', 'String'],
  ['number', 'Number'],
  ['integer', 'Number'],
  ['array', 'Array'],
  ['boolean', 'Boolean'],
]);

/** Returns the descriptions in the schema's order. */
export function describeArguments(schema: z.ZodObject): ArgumentDescription[] {
  return Object.entries(schema.shape).map(([Name, field]) => {
    const json = z.toJSONSchema(field, { io: 'input', unrepresentable: 'any' });
    const value = valueSchema(json);
    return {
      Name,
      Info: json.description ?? value.description ?? '',
      Type: typeOf(value),
      Optional: z.safeParse(field, undefined).success,
    };
  });
}

/** A nullable value is described as a choice of schemas, or of types, one of which is `null`. */
function valueSchema(json: z.core.JSONSchema.BaseSchema): z.core.JSONSchema.BaseSchema {
  const choice = (json.anyOf ?? json.oneOf ?? []).find(
    (one) => typeof one === 'object' && one.type !== 'null',
  );
  return typeof choice === 'object' ? valueSchema(choice) : json;
}

function typeOf({ type }: { readonly type?: unknown }): ArgumentDescription['Type'] {
  const types: unknown[] = Array.isArray(type) ? type : [type];
  return TYPES.get(types.find((one) => one !== 'null')) ?? 'Object';
}
