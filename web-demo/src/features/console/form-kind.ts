import { isObject } from './json.js';
import type { JsonObject } from './json.js';

/** How a part of a simplified schema is filled in; `json` is for those without a field of their own. */
export type FieldKind =
  | 'choice'
  | 'device'
  | 'number'
  | 'flag'
  | 'text'
  | 'texts'
  | 'list'
  | 'object'
  | 'json';

export function fieldKind(schema: JsonObject, name = ''): FieldKind {
  if (Array.isArray(schema['enum'])) return 'choice';
  switch (schema['type']) {
    case 'integer':
    case 'number':
      return name === 'DeviceId' ? 'device' : 'number';
    case 'boolean':
      return 'flag';
    case 'string':
      return 'text';
    case 'object':
      return isObject(schema['properties']) ? 'object' : 'json';
    case 'array':
      return listKind(isObject(schema['items']) ? schema['items'] : {});
    default:
      return 'json';
  }
}

function listKind(items: JsonObject): FieldKind {
  if (items['type'] === 'string' && items['enum'] === undefined) return 'texts';
  return items['type'] === 'object' ? 'list' : 'json';
}
