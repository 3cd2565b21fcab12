import { errorCodes } from 'fastify';
import type {
  FastifyBodyParser,
  FastifyInstance,
  FastifyRequest,
  FastifySchemaCompiler,
  preParsingHookHandler,
} from 'fastify';
import fp from 'fastify-plugin';
import { z } from 'zod';
import { explain, fieldsOf, present } from '../catalog/route-schema.js';
import { bodyText, unsupported } from '../util/body-text.js';
import { jsonRejection } from '../util/client-json.js';
import { holdsOddNumber } from '../util/written-json.js';
import { GatewayError } from '../errors/errors.js';
import { rarelySet } from './route-hooks.js';

/**
 * Requests are checked by zod. Path and query values arrive as text and are made numbers here, where the part
 * of the request is known: the catalog stays free of it and the documentation keeps `integer`.
 */
const compile: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart = 'request' }) => {
  const textual = httpPart === 'params' || httpPart === 'querystring';
  const name = httpPart === 'params' ? 'path' : httpPart === 'querystring' ? 'query' : httpPart;
  const numeric = textual && schema instanceof z.ZodObject ? fieldsOfKind(schema, z.ZodNumber) : [];
  const lists = textual && schema instanceof z.ZodObject ? fieldsOfKind(schema, z.ZodArray) : [];
  const only = httpPart === 'params' && schema instanceof z.ZodObject ? onlyField(schema) : undefined;
  const known = new Map<string, { value: unknown }>();
  return (data: unknown) => {
    const text = only === undefined ? undefined : (data as Record<string, string>)[only];
    const before = text === undefined ? undefined : known.get(text);
    if (before !== undefined) return before;
    const parsed = schema.safeParse(withLists(withNumbers(data, numeric), lists));
    if (parsed.success) {
      const result = { value: parsed.data };
      if (text !== undefined && known.size < MAX_KNOWN) known.set(text, result);
      return result;
    }
    const { errors, detail: reason } = explain(parsed.error, name);
    const isNoDevice = errors.some(({ path }) => path === 'path.DeviceId' || path === 'query.DeviceId');
    const detail = isNoDevice ? `DeviceId is a number; see GET /v1/devices. ${reason}` : reason;
    return { error: new GatewayError('Invalid request', detail, { outcome: 'not-sent', errors }) };
  };
};

/** Answers are bytes, or small objects of our own: the schemas of answers are for the documentation. */
const serialize = (): ((data: unknown) => string) => (data) => JSON.stringify(data);

/** Without these Fastify would load compilers of its own, which `validation` replaces. */
export const SCHEMA_CONTROLLER = { compilersFactory: { buildValidator: early, buildSerializer: early } };

function early(): never {
  throw new Error('a route has a schema, and `validation` is not registered yet');
}

/** Values of a path's only parameter that are remembered as checked, by their text. */
const MAX_KNOWN = 1000;

function onlyField(schema: z.ZodObject): string | undefined {
  const [first, ...others] = Object.keys(fieldsOf(schema));
  return others.length === 0 ? first : undefined;
}

function fieldsOfKind(schema: z.ZodObject, kind: typeof z.ZodNumber | typeof z.ZodArray): readonly string[] {
  return Object.entries(fieldsOf(schema)).flatMap(([name, field]) =>
    present(field) instanceof kind ? [name] : [],
  );
}

/** A list of one is written like a single value in a query. */
function withLists(data: unknown, keys: readonly string[]): unknown {
  if (keys.length === 0 || typeof data !== 'object' || data === null) return data;
  const copy: Record<string, unknown> = { ...data };
  for (const key of keys) if (typeof copy[key] === 'string') copy[key] = [copy[key]];
  return copy;
}

function withNumbers(data: unknown, keys: readonly string[]): unknown {
  if (keys.length === 0 || typeof data !== 'object' || data === null) return data;
  const copy: Record<string, unknown> = { ...data };
  for (const key of keys) {
    const text = copy[key];
    if (typeof text === 'string' && /^-?\d+(\.\d+)?$/.test(text)) copy[key] = Number(text);
  }
  return copy;
}

/** Names that a body may not use; it may be broken otherwise, too. */
const POISONED = /"(__proto__|constructor)"/;
const POISONED_DETAIL =
  'The body is not valid JSON, or uses "__proto__" or "constructor.prototype" as a name.';

function invalid(detail: string): GatewayError {
  return new GatewayError('Invalid request', detail, { outcome: 'not-sent' });
}

/** JSON by another name: `application/vnd.api+json`. */
const JSON_SUFFIX = /^application\/[\w!#$&^.-]+\+json(;|$)/;

export const validation = fp(
  (app: FastifyInstance) => {
    const checkBody: preParsingHookHandler = (request, _reply, payload, done) => {
      done(unreadableBody(request), payload);
    };
    app.addHook('onRoute', (route) => {
      if (BODILESS.has(String(route.method))) return;
      route.preParsing = [checkBody, ...[route.preParsing ?? []].flat()];
    });
    app.decorateRequest('writtenBody', rarelySet<string | undefined>(undefined));
    const parse = app.getDefaultJsonParser('error', 'error');
    const json: FastifyBodyParser<Buffer> = (request, body, done) => {
      // A client that always names the type of its body may have none to send.
      if (body.length === 0 || request.is404) return done(null, undefined);
      const text = bodyText(body, request.headers['content-type']);
      if (text instanceof GatewayError) return done(text);
      void parse(request, text, (error, value) => {
        if (error !== null) return done(POISONED.test(text) ? invalid(POISONED_DETAIL) : error);
        // A body that is written must be an object: routes see null where there is no body.
        if (value === null) return done(invalid('The body is null: send an object, or none.'));
        const unfit = jsonRejection(value);
        if (unfit !== undefined) return done(invalid(`The body ${unfit}.`));
        if (holdsOddNumber(text)) request.writtenBody = text;
        done(null, value);
      });
    };
    for (const type of ['application/json', JSON_SUFFIX])
      app.addContentTypeParser(type, { parseAs: 'buffer' }, json);
    app.removeContentTypeParser('text/plain');
    // Some name a type of their own where there is nothing to send.
    app.addContentTypeParser('*', { parseAs: 'buffer' }, ({ is404 }, body, done) =>
      done(body.length === 0 || is404 ? null : new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE()),
    );
    app.setValidatorCompiler(compile);
    app.setSerializerCompiler(serialize);
  },
  { name: 'validation' },
);

/** Fastify reads no body of these. */
const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Why the body cannot be read, as its headers say; a content type that is joined by commas is made readable. */
function unreadableBody({ headers }: FastifyRequest): GatewayError | null {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    const shown = JSON.stringify(encoding.slice(0, 40));
    return unsupported(`The body is compressed (${shown}): send it without Content-Encoding.`);
  }
  const type = headers['content-type'];
  if (type?.includes(',') === true) headers['content-type'] = type.replaceAll(/\s*,\s*/g, '; ');
  return null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The body's text; only where it holds a number that JavaScript would write differently. */
    writtenBody: string | undefined;
  }
}
