import { isObject, mapValues, objectBelow } from './json.js';
import type { JsonObject } from './json.js';

/** Keywords that the form and the validation use; all others are removed. */
const KEPT = [
  'type',
  'title',
  'description',
  'const',
  'enum',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'required',
] as const;
const REFERENCE = '#/components/schemas/';

/**
 * Simplifies a schema of the API document for a form: references are resolved, and `null` is removed, since an
 * optional value is left out instead. The form does not offer additional properties.
 */
export function simplified(
  schema: unknown,
  components: JsonObject,
  within: readonly string[] = [],
): JsonObject {
  if (!isObject(schema)) return ANYTHING;
  const { $ref, ...own } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.startsWith(REFERENCE) ? $ref.slice(REFERENCE.length) : $ref;
    // A recursive schema becomes a field for any JSON.
    if (within.includes(name)) return { ...ANYTHING, ...own };
    return simplified({ ...objectBelow(components, name), ...own }, components, [...within, name]);
  }
  for (const key of ['anyOf', 'oneOf'] as const) {
    const branches = own[key];
    if (!Array.isArray(branches)) continue;
    const { [key]: _, ...rest } = own;
    return mergedBranches(rest, branches.filter(isNotNullType), components, within);
  }
  const kept = {
    ...Object.fromEntries(KEPT.flatMap((key) => (own[key] === undefined ? [] : [[key, own[key]]]))),
    ...withoutNull(own),
    ...(isObject(own['properties']) && {
      properties: mapValues(own['properties'], (each) => simplified(each, components, within)),
    }),
    ...(isObject(own['items']) && { items: simplified(own['items'], components, within) }),
  };
  return Object.keys(kept).length === 0 ? ANYTHING : kept;
}

const ANYTHING: JsonObject = { description: 'Any JSON value.' };

function mergedBranches(
  own: JsonObject,
  branches: readonly unknown[],
  components: JsonObject,
  within: readonly string[],
): JsonObject {
  const [only] = branches;
  if (branches.length === 1 && isObject(only)) return simplified({ ...only, ...own }, components, within);
  return {
    ...(Object.keys(own).length > 0 && simplified(own, components, within)),
    anyOf: branches.map((each) => simplified(each, components, within)),
  };
}

function isNotNullType(branch: unknown): boolean {
  return !isObject(branch) || branch['type'] !== 'null';
}

function withoutNull({ type, enum: values }: JsonObject): JsonObject {
  const types = Array.isArray(type) ? type.filter((each) => each !== 'null') : [];
  return {
    ...(types.length > 0 && { type: types.length === 1 ? types[0] : types }),
    ...(Array.isArray(values) && { enum: values.filter((each) => each !== null) }),
  };
}
