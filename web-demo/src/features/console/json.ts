export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at the path of keys; undefined when there is none. */
export function below(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce((found: unknown, key) => (isObject(found) ? found[key] : undefined), value);
}

/** The object at the path of keys; an empty one when there is none. */
export function objectBelow(value: unknown, ...keys: readonly string[]): JsonObject {
  const found = below(value, ...keys);
  return isObject(found) ? found : {};
}

export function textBelow(value: unknown, ...keys: readonly string[]): string {
  const found = below(value, ...keys);
  return typeof found === 'string' ? found : '';
}

export function mapValues(
  object: JsonObject,
  change: (value: unknown, key: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}
