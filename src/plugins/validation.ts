import { errorCodes } from 'fastify';
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import fp from 'fastify-plugin';
import { z } from 'zod';
import { explain, fieldsOf, present } from '../catalog/route-schema.js';
import { jsonRejection } from '../util/client-json.js';
import { GatewayError } from '../errors/errors.js';

/**
 * Requests are checked by zod. Path and query values arrive as text and are made numbers here, where the part
 * of the request is known: the catalog stays free of it and the documentation keeps `integer`.
 */
const compile: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart = 'request' }) => {
  const textual = httpPart === 'params' || httpPart === 'querystring';
  const name = httpPart === 'params' ? 'path' : httpPart === 'querystring' ? 'query' : httpPart;
  const numeric = textual && schema instanceof z.ZodObject ? fieldsOfKind(schema, z.ZodNumber) : [];
  const lists = textual && schema instanceof z.ZodObject ? fieldsOfKind(schema, z.ZodArray) : [];
  return (data: unknown) => {
    const parsed = schema.safeParse(withLists(withNumbers(data, numeric), lists));
    if (parsed.success) return { value: parsed.data };
    const { errors, detail } = explain(parsed.error, name);
    return { error: new GatewayError('Invalid request', detail, { outcome: 'not-sent', errors }) };
  };
};

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

export const validation = fp(
  (app: FastifyInstance) => {
    const parse = app.getDefaultJsonParser('error', 'error');
    // A client that always names the type of its body may have none to send.
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
      const text = body.toString();
      if (text === '') return done(null, undefined);
      void parse(request, text, (error, value) => {
        if (error !== null) return done(POISONED.test(text) ? invalid(POISONED_DETAIL) : error);
        // Routes see null where there is no body; a body that is written must be an object.
        if (value === null && !request.is404)
          return done(invalid('The body is null: send an object, or none.'));
        const unfit = jsonRejection(value, text);
        if (unfit === undefined) done(null, value);
        else done(invalid(`The body ${unfit}.`));
      });
    });
    app.removeContentTypeParser('text/plain');
    // Some name a type of their own where there is nothing to send.
    app.addContentTypeParser('*', { parseAs: 'string' }, ({ is404 }, body, done) =>
      done(body === '' || is404 ? null : new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE()),
    );
    app.setValidatorCompiler(compile);
    // Answers are bytes, or small objects of our own: the schemas of answers are for the documentation.
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  },
  { name: 'validation' },
);
