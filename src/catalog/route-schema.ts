/** From a command and one of its routes to what travels where. Pure. */
import { z } from 'zod';
import type { ArgumentsSchema, CommandDefinition, HttpRoute } from './define.js';

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

/** Splits a command's arguments: those in the path, and the rest in the query or the body. */
export function routeSchema(command: CommandDefinition, route: HttpRoute): RouteSchema {
  const inPath = pathParameters(route.path);
  const shape = command.arguments.shape;
  const pick = (wanted: (name: string) => boolean): Record<string, z.core.$ZodType> =>
    Object.fromEntries(Object.entries(shape).filter(([name]) => wanted(name)));
  const path = pick((name) => inPath.includes(name));
  // A second route of a command exists because its path says what is optional elsewhere.
  const rest = pick((name) => !inPath.includes(name));
  const hasBody = route.method === 'POST' || route.method === 'PUT';
  return {
    params: inPath.length > 0 ? z.object(path) : undefined,
    querystring: !hasBody && Object.keys(rest).length > 0 ? z.object(rest) : undefined,
    body: hasBody ? bodySchema(rest) : undefined,
  };
}

/** Loose, as RCSP is: what a newer server takes passes. Without a required field the body may be left out. */
function bodySchema(shape: Record<string, z.core.$ZodType>): RouteSchema['body'] {
  const body = z.looseObject(shape);
  return body.safeParse({}).success ? body.nullish() : body;
}

/** What was wrong with the request, for `errors` of a problem. Values are never shown: they may be secret. */
export function faultsOf(error: z.core.$ZodError, at: string): { path: string; reason: string }[] {
  return error.issues.map((issue) => ({
    path: [at, ...issue.path.map(String)].join('.'),
    reason: issue.message,
  }));
}

/** Whether a command takes any argument in a body or query of this route. */
export function takesArguments(schema: ArgumentsSchema): boolean {
  return Object.keys(schema.shape).length > 0;
}
