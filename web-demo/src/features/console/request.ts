import { isObject, mapValues, objectBelow } from './json.js';
import type { JsonObject } from './json.js';
import type { Operation } from './operations.js';

export interface Preferences {
  /** Timeout in seconds; undefined for the command's own. */
  readonly wait: number | undefined;
  /** Ask for a job instead of waiting for the answer. */
  readonly isAsync: boolean;
}

export interface ConsoleRequest {
  readonly method: string;
  /** Includes the query. A missing path parameter stays as `{Name}`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The form's data without empty values. */
export function pruned(value: unknown, schema: JsonObject, isRequired = true): unknown {
  if (Array.isArray(value)) {
    const kept = value.map((each) => pruned(each, objectBelow(schema, 'items'))).filter(isPresent);
    return kept.length === 0 && !isRequired ? undefined : kept;
  }
  if (isObject(value) && isObject(schema['properties'])) {
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    const kept = Object.entries(value)
      .map(([key, each]) => [
        key,
        pruned(each, objectBelow(schema, 'properties', key), required.includes(key)),
      ])
      .filter(([, each]) => isPresent(each));
    return kept.length === 0 && !isRequired ? undefined : Object.fromEntries(kept);
  }
  return value === '' ? undefined : value;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function requestOf(operation: Operation, data: JsonObject, preferences: Preferences): ConsoleRequest {
  const filled = pruned(data, operation.schema);
  const values = isObject(filled) ? filled : {};
  const names = new Set(operation.parameters.map(({ name }) => name));
  const inBody = Object.fromEntries(Object.entries(values).filter(([key]) => !names.has(key)));
  const hasBody =
    operation.body !== undefined && (operation.body.isRequired || Object.keys(inBody).length > 0);
  const prefer = [
    ...(operation.isJob && preferences.isAsync ? ['respond-async'] : []),
    ...(preferences.wait === undefined ? [] : [`wait=${preferences.wait}`]),
  ];
  return {
    method: operation.method,
    path: pathOf(operation, values),
    headers: {
      ...(hasBody && { 'content-type': 'application/json' }),
      ...(prefer.length > 0 && { prefer: prefer.join(', ') }),
    },
    body: hasBody ? inBody : undefined,
  };
}

function pathOf({ path, parameters }: Operation, values: JsonObject): string {
  let filled = path;
  const query = new URLSearchParams();
  for (const { name, place } of parameters) {
    const value = values[name];
    if (value === undefined) continue;
    if (place === 'query') query.append(name, text(value));
    else filled = filled.replace(`{${name}}`, () => encodeURIComponent(text(value)));
  }
  return query.size === 0 ? filled : `${filled}?${query.toString()}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A command line for sh. It never contains a token: it reads the variable TOKEN. */
export function curlLine(
  { method, headers, body }: ConsoleRequest,
  url: string,
  needsToken: boolean,
): string {
  return [
    'curl -sS',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    quoted(url),
    ...(needsToken ? ['-H "authorization: Bearer $TOKEN"'] : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`-d ${quoted(JSON.stringify(body))}`]),
  ].join(' ');
}

/** Quotes any text as one word for sh. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

const SECRET = /psk|pass(word|phrase|wd)|token|secret/i;

/** A copy without secrets, and whether any were left out. */
export function withoutSecrets(data: JsonObject): { readonly data: JsonObject; readonly isPartial: boolean } {
  let isPartial = false;
  const cleaned = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(cleaned);
    if (!isObject(value)) return value;
    const kept = Object.entries(value).filter(([key]) => !SECRET.test(key));
    if (kept.length < Object.keys(value).length) isPartial = true;
    return mapValues(Object.fromEntries(kept), cleaned);
  };
  const copy = cleaned(data);
  return { data: isObject(copy) ? copy : {}, isPartial };
}

/** The `DeviceId` of the data, at the top level or in `Arguments`. */
export function deviceOf(data: JsonObject): number | undefined {
  const id = data['DeviceId'] ?? objectBelow(data, 'Arguments')['DeviceId'];
  return typeof id === 'number' ? id : undefined;
}

/** Fills in `id` for every required `DeviceId` that has no value. */
export function withDevice(data: JsonObject, schema: JsonObject, id: number): JsonObject {
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const changed: Record<string, unknown> = { ...data };
  for (const [key, property] of Object.entries(objectBelow(schema, 'properties'))) {
    if (!required.includes(key) || !isObject(property)) continue;
    if (key === 'DeviceId') changed[key] ??= id;
    else if (isObject(property['properties'])) {
      const inner = withDevice(objectBelow(data, key), property, id);
      if (Object.keys(inner).length > 0) changed[key] = inner;
    }
  }
  return changed;
}
