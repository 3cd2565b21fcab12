import { isObject, mapValues, objectBelow } from './json.js';
import type { JsonObject } from './json.js';

/** Chooses the field or widget for each part of a simplified schema. */
export function uiSchemaOf(schema: JsonObject, name = ''): Record<string, unknown> {
  const { type, items } = schema;
  if (Array.isArray(schema['enum'])) return {};
  switch (type) {
    case 'integer':
    case 'number':
      return { 'ui:widget': name === 'DeviceId' ? 'device' : 'number' };
    case 'string':
    case 'boolean':
      return {};
    case 'array':
      return uiOfList(isObject(items) ? items : {});
    case 'object':
      return isObject(schema['properties'])
        ? mapValues(objectBelow(schema, 'properties'), (each, key) =>
            uiSchemaOf(isObject(each) ? each : {}, key),
          )
        : JSON_FIELD;
    default:
      return JSON_FIELD;
  }
}

/** For schemas without a form of their own. */
const JSON_FIELD = { 'ui:field': 'json', 'ui:options': { fieldReplacesAnyOrOneOf: true } };

function uiOfList(items: JsonObject): Record<string, unknown> {
  if (items['type'] === 'string' && items['enum'] === undefined) return { 'ui:field': 'tags' };
  if (items['type'] !== 'object') return JSON_FIELD;
  return { items: uiSchemaOf(items), 'ui:options': { orderable: false } };
}
