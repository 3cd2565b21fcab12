/** Derives the schemas of path, query and body from a command and one of its routes. */
import { z } from 'zod';
import type { CommandDefinition, HttpRoute } from './define.js';
import type { RequestFault } from '../wire/problem.js';

export interface RouteSchema {
  /** Arguments in the path; undefined when there are none. */
  readonly params: z.ZodObject | undefined;
  /** The remaining arguments of a route that has no body. */
  readonly querystring: z.ZodObject | undefined;
  /** The remaining arguments of a POST or PUT; null stands for an empty body. */
  readonly body: z.ZodType<Record<string, unknown> | null | undefined> | undefined;
}

/** The names in an OpenAPI path template. */
export function pathParameters(path: string): readonly string[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name);
}

/** `/v1/devices/{DeviceId}/name` → `/v1/devices/:DeviceId/name` */
export function routerPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

const schemas = new WeakMap<HttpRoute, RouteSchema>();

/** Splits a command's arguments: those in the path, and the rest in the query or the body. */
export function routeSchema(command: CommandDefinition, route: HttpRoute): RouteSchema {
  const schema = schemas.get(route) ?? makeRouteSchema(command, route);
  schemas.set(route, schema);
  return schema;
}

function makeRouteSchema(command: CommandDefinition, route: HttpRoute): RouteSchema {
  const inPath = pathParameters(route.path);
  const shape = fieldsOf(command.arguments);
  const pick = (wanted: (name: string) => boolean): Record<string, z.core.$ZodType> =>
    Object.fromEntries(Object.entries(shape).filter(([name]) => wanted(name)));
  const path = pick((name) => inPath.includes(name));
  const rest = pick((name) => !inPath.includes(name));
  const hasBody = route.method === 'POST' || route.method === 'PUT';
  return {
    // An optional argument is required in a path that contains it.
    params: inPath.length > 0 ? z.object(mapValues(path, present)) : undefined,
    querystring:
      !hasBody && Object.keys(rest).length > 0
        ? z.object(mapValues(rest, (field) => (isOptional(field) ? z.optional(present(field)) : field)))
        : undefined,
    body: hasBody ? bodySchema(rest) : undefined,
  };
}

/** Loose: unknown fields pass. The body may be omitted when no field is required. */
function bodySchema(shape: Record<string, z.core.$ZodType>): RouteSchema['body'] {
  const body = z.looseObject(shape);
  // Field by field: parsing an object compiles its schema, of which most are never used.
  const needsNone = Object.values(shape).every((field) => z.safeParse(field, undefined).success);
  return needsNone ? body.nullish() : body;
}

export function fieldsOf(schema: z.ZodObject): Readonly<Record<string, z.core.$ZodType>> {
  return schema.shape;
}

/** Returns a field's schema without its optional and nullable wrappers. */
export function present(field: z.core.$ZodType): z.core.$ZodType {
  return isOptional(field) ? present(field.unwrap()) : field;
}

function isOptional(field: z.core.$ZodType): field is z.ZodOptional | z.ZodNullable {
  return field instanceof z.ZodOptional || field instanceof z.ZodNullable;
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** `POST /v1/commands/{Command}`: any command by its name. */
export const commandCall = {
  params: z.object({
    Command: z.string().min(1).max(200).describe("RCSP's name of the command, case-sensitive."),
  }),
  body: z
    .strictObject({
      Arguments: z.record(z.string(), z.unknown()).nullish().describe("The command's arguments, by name."),
      Version: z
        .int()
        .min(1)
        .nullish()
        .describe('Version of the command; without it, the newest that both sides know.'),
    })
    .nullish(),
} as const;

/**
 * Describes why a request is invalid: each fault for a problem's `errors`, and all of them in one line. `at` is the path
 * of the checked value. Values are never shown: they may be secret.
 */
export function explain(error: z.core.$ZodError, at: string): { errors: RequestFault[]; detail: string } {
  const errors = error.issues.map((issue) => ({
    path: [at, ...issue.path.map(String)].join('.'),
    reason: issue.message,
  }));
  return { errors, detail: errors.map(({ path, reason }) => `${path}: ${reason}`).join('; ') };
}
