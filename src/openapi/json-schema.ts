/** zod to the JSON Schema of OpenAPI 3.1; what has an `id` becomes a component. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

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
  const converted = z.toJSONSchema(schema, { io, override: ({ jsonSchema: found }) => tidy(found) });
  const { $schema, $defs = {}, ...root } = withComponentRefs(converted);
  for (const [name, component] of Object.entries($defs as Components)) {
    const { id, ...own } = component;
    const known = (components[name] ??= own);
    if (!isDeepStrictEqual(known, own)) throw new Error(`two schemas are named ${name}`);
  }
  return root;
}

/** Every integer has JavaScript's bounds in zod; they say nothing to a reader. */
function tidy(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

function withComponentRefs(schema: unknown): JsonSchema {
  const text = JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/');
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}
