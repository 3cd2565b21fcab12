import { below, isObject, objectBelow, textBelow } from './json.js';
import type { JsonObject } from './json.js';
import { simplified } from './simplify-schema.js';

/** A command that can be sent, as `/openapi.json` describes it. */
export interface Operation {
  readonly id: string;
  readonly command: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly group: string;
  readonly scope: string;
  readonly timeoutMs: number | undefined;
  /** Supports `Prefer: respond-async`. */
  readonly isJob: boolean;
  /** Listed by the studio but not part of the specification. */
  readonly isDiscovered: boolean;
  readonly parameters: readonly Parameter[];
  /** Undefined when there is no body. */
  readonly body: { readonly isRequired: boolean } | undefined;
  /** Parameters and body as one schema, simplified for a form. */
  readonly schema: JsonObject;
  readonly example: JsonObject;
}

export interface Parameter {
  readonly name: string;
  readonly place: 'path' | 'query';
}

export const DISCOVERED = 'Discovered';

/** Every operation of the document that sends one command, in the document's order. */
export function operationsOf(document: unknown): Operation[] {
  const components = objectBelow(document, 'components', 'schemas');
  return Object.entries(objectBelow(document, 'paths')).flatMap(([path, methods]) =>
    Object.entries(isObject(methods) ? methods : {}).flatMap(([method, operation]) =>
      isObject(below(operation, 'x-rcsp')) ? [operationOf(method, path, operation, components)] : [],
    ),
  );
}

function operationOf(method: string, path: string, operation: unknown, components: JsonObject): Operation {
  const parameters = parametersOf(operation);
  const media = objectBelow(operation, 'requestBody', 'content', 'application/json');
  const body = simplified(media['schema'] ?? { type: 'object' }, components);
  const isDiscovered = below(operation, 'x-discovered') === true;
  const timeoutMs = below(operation, 'x-rcsp', 'timeoutMs');
  const tags = below(operation, 'tags');
  const required: readonly unknown[] = Array.isArray(body['required']) ? body['required'] : [];
  return {
    id: textBelow(operation, 'operationId'),
    command: textBelow(operation, 'x-rcsp', 'command'),
    method: method.toUpperCase(),
    path,
    summary: textBelow(operation, 'summary'),
    description: textBelow(operation, 'description'),
    group: isDiscovered ? DISCOVERED : String(Array.isArray(tags) ? tags[0] : 'Commands'),
    scope: textBelow(operation, 'x-rcsp', 'scope'),
    timeoutMs: typeof timeoutMs === 'number' ? timeoutMs : undefined,
    isJob: below(operation, 'x-rcsp', 'isJob') === true,
    isDiscovered,
    parameters: parameters.map(({ name, place }) => ({ name, place })),
    body: isObject(below(operation, 'requestBody'))
      ? { isRequired: below(operation, 'requestBody', 'required') === true }
      : undefined,
    schema: {
      type: 'object',
      properties: {
        ...Object.fromEntries(parameters.map(({ name, schema }) => [name, simplified(schema, components)])),
        ...objectBelow(body, 'properties'),
      },
      required: [...parameters.flatMap(({ name, isRequired }) => (isRequired ? [name] : [])), ...required],
    },
    example: {
      ...Object.fromEntries(
        parameters.flatMap(({ name, example }) => (example === undefined ? [] : [[name, example]])),
      ),
      ...objectBelow(media, 'example'),
    },
  };
}

interface ParsedParameter extends Parameter {
  readonly isRequired: boolean;
  readonly schema: JsonObject;
  readonly example: unknown;
}

function parametersOf(operation: unknown): ParsedParameter[] {
  const all = below(operation, 'parameters');
  return (Array.isArray(all) ? all : []).flatMap((each: unknown) => {
    const place = below(each, 'in');
    if (place !== 'path' && place !== 'query') return [];
    const description = textBelow(each, 'description');
    return [
      {
        name: textBelow(each, 'name'),
        place,
        isRequired: below(each, 'required') === true,
        schema: { ...objectBelow(each, 'schema'), ...(description !== '' && { description }) },
        example: below(each, 'example'),
      },
    ];
  });
}
