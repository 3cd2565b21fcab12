/** zod to the JSON Schema of OpenAPI 3.1; what has an `id` becomes a component. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

const MAX_INT32 = 2 ** 31 - 1;

export type JsonSchema = Record<string, unknown>;
/** Named schemas by their name; filled as schemas are converted. */
export type Components = Record<string, JsonSchema>;

/**
 * @param io `input` for what is sent to the gateway, `output` for what it answers
 * @throws Error when two different schemas claim one name
 */
export function jsonSchema(
  schema: z.core.$ZodType,
  io: 'input' | 'output',
  components: Components,
): JsonSchema {
  const converted = z.toJSONSchema(schema, { io, override: ({ jsonSchema: found }) => tidy(found, io) });
  const { $schema, $defs = {}, ...root } = withComponentRefs(converted);
  for (const [name, component] of Object.entries($defs as Components)) {
    const { id, ...own } = component;
    const known = (components[name] ??= own);
    if (!isDeepStrictEqual(known, own)) throw new Error(`two schemas are named ${name}`);
  }
  return root;
}

/** Keeps what says something, in the form that the most code generators take; docs/clients.md names them. */
function tidy(schema: z.core.JSONSchema.BaseSchema, io: 'input' | 'output'): void {
  // JavaScript's bounds of integers: the gateway refuses larger ones in requests; of answers they say nothing.
  if (io === 'output' && schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (io === 'output' && schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  // Without it, Go takes 32 bits and does not compile.
  if (schema.type === 'integer' && (schema.maximum ?? 0) > MAX_INT32) schema.format = 'int64';
  if (isEmpty(schema.additionalProperties)) {
    // Without properties of its own, an object that says nothing of others would be taken for an empty one.
    if (schema.$ref === undefined && isEmpty(schema.properties ?? {})) schema.additionalProperties = true;
    else delete schema.additionalProperties;
  }
  if (isDeepStrictEqual(schema.propertyNames, { type: 'string' })) delete schema.propertyNames;
  if (schema.type === 'number' && schema.enum?.every(Number.isInteger) === true) schema.type = 'integer';
}

function isEmpty(schema: unknown): boolean {
  return isDeepStrictEqual(schema, {});
}

function withComponentRefs(schema: unknown): JsonSchema {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/');
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}
