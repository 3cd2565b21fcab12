/** Requests of the command line to a running gateway. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { Socket } from 'node:net';
import { ConfigError } from '../config/config-error.js';
import { isStudioName } from '../wire/channel-pattern.js';

/** Where the gateway is, and how to reach it. */
export interface RemoteOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** A file of certificates, PEM, that are trusted instead of the system's. */
  readonly cacert?: string | undefined;
  /** A studio by its name; the default one when left out. */
  readonly studio?: string | undefined;
}

/** A checked gateway: its base URL, the trusted certificates, and the token. */
export interface Remote {
  readonly base: URL;
  readonly ca: Buffer | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws ConfigError naming the invalid option */
export function remoteOf({ url, token, cacert, studio }: RemoteOptions): Remote {
  const base = gatewayUrl(url);
  return {
    base: studio === undefined ? base : below(base, `studios/${studioNamed(studio)}`),
    ca: cacert === undefined ? undefined : readCa(cacert),
    headers: bearer(token),
  };
}

const EXAMPLE = 'it must be like http://studio-gw:8080';
/** `host:port`, which a URL parser would take for a scheme and a path. */
const BARE = /^(?:\[[\da-f:.]+\]|[\w.-]+):\d{1,5}(?:\/.*)?$/i;

/** @throws ConfigError */
export function gatewayUrl(text: string): URL {
  const said = text.trim();
  const full = BARE.test(said) ? `http://${said}` : said.replace(/^ws(s?):\/\//i, 'http$1://');
  if (!/^https?:\/\//i.test(full) || !URL.canParse(full)) {
    throw new ConfigError(`--url ${JSON.stringify(text)} is not a URL of a gateway: ${EXAMPLE}`);
  }
  const url = new URL(full);
  if (url.username + url.password + url.search + url.hash !== '') {
    throw new ConfigError(`--url takes no user, query or fragment: ${EXAMPLE}`);
  }
  return url;
}

function studioNamed(name: string): string {
  if (isStudioName(name)) return name;
  throw new ConfigError(`--studio ${JSON.stringify(name)} (RCSP_GATEWAY_STUDIO) is not the name of a studio`);
}

/** Undefined without a token. Removes a trailing line break, as from a file. */
function bearer(token: string | undefined): Readonly<Record<string, string>> {
  const trimmed = token?.trim() ?? '';
  if (trimmed === '') return {};
  if (/^[\x21-\x7e]+$/.test(trimmed)) return { authorization: `Bearer ${trimmed}` };
  throw new ConfigError(
    'the token (--token, RCSP_GATEWAY_TOKEN) holds white space or characters no token has',
  );
}

function readCa(path: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new ConfigError(`--cacert ${path} cannot be read: ${(error as Error).message}`);
  }
  if (bytes.includes('-----BEGIN CERTIFICATE-----')) return bytes;
  throw new ConfigError(`--cacert ${path} holds no certificate in PEM`);
}

/** `path` below `base`, which may itself have a path (a reverse proxy) and may lack the last slash. */
export function below(base: URL, path: string): URL {
  return new URL(path, base.href.endsWith('/') ? base.href : `${base.href}/`);
}

/** The gateway's certificate is not trusted, or its port does not use TLS. Nothing was sent, and a retry would fail. */
export class UntrustedError extends Error {}

/** No connection could be opened; nothing was sent. */
export class NotSentError extends Error {}

export interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves when the answer's headers have arrived; the caller reads the body. It has no timeout: the gateway has one for
 * every command, and `fetch` would abort after 300 s.
 *
 * @throws UntrustedError, NotSentError; any other error after the request may have arrived
 */
export async function send(
  url: URL,
  { ca, headers: own }: Remote,
  { method, headers, body, signal }: Sent,
): Promise<http.IncomingMessage> {
  const isTls = url.protocol === 'https:';
  // TLS takes a tenth of the start of a process.
  const { request } = isTls ? await import('node:https') : http;
  const sent = request(url, {
    method,
    headers: { ...headers, ...own },
    ...(ca !== undefined && { ca }),
    ...(signal !== undefined && { signal }),
  });
  const progress = { isConnected: false };
  sent.once('socket', (socket: Socket) => {
    if (sent.reusedSocket) progress.isConnected = true;
    // `secureConnect` is emitted only when the certificate is trusted.
    socket.once(isTls ? 'secureConnect' : 'connect', () => (progress.isConnected = true));
  });
  const answered = once(sent, 'response');
  sent.end(body);
  try {
    const [response] = (await answered) as [http.IncomingMessage];
    return response;
  } catch (error) {
    const plain = plainError(error);
    if (progress.isConnected) throw plain;
    const reason = distrustReason(plain);
    if (reason !== undefined) throw new UntrustedError(reason, { cause: plain });
    throw new NotSentError(plain.message, { cause: plain });
  }
}

/** Error codes of OpenSSL and Node.js for untrusted certificates. */
const CERTIFICATE = /CERT|SIGNATURE|ISSUER|CRL|CA$|PATH_LENGTH|HOSTNAME_MISMATCH/;

/** Describes a TLS error; undefined for any other error. */
function distrustReason(error: Error): string | undefined {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    const reason = code === 'EPROTO' ? (/:([^:]+):[^:]*$/.exec(error.message.trim())?.[1] ?? code) : code;
    return `TLS fails (${reason}); is it http:// there?`;
  }
  if (!CERTIFICATE.test(code)) return undefined;
  return `the certificate is not trusted: ${error.message}; name its issuer by --cacert FILE or NODE_EXTRA_CA_CERTS`;
}

/** Describes a redirect, which is not followed: a command must not run on another server. */
export function redirectReason(
  url: URL,
  { statusCode = 0, headers }: http.IncomingMessage,
): string | undefined {
  if (statusCode < 300 || statusCode >= 400) return undefined;
  const { location = '' } = headers;
  const where = URL.canParse(location, url.href) ? new URL(location, url).origin : 'somewhere else';
  return `${url.origin} redirects (${statusCode}) to ${where}; say that as --url`;
}

/** Parses JSON; undefined when the text is not JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a refusal says of itself. */
export interface RemoteProblem {
  readonly code: string;
  readonly detail: string | undefined;
  readonly outcome: string | undefined;
  readonly trackId: string | undefined;
}

/** An answer's problem, checked by hand, for zod takes longer to load than a command to run. Undefined for any other text. */
export function problemIn(text: string): RemoteProblem | undefined {
  const problem = parsedJson(text);
  if (typeof problem !== 'object' || problem === null) return undefined;
  const { code, detail, outcome, trackId }: Partial<Record<keyof RemoteProblem, unknown>> = problem;
  if (typeof code !== 'string' || !isOptionalText(outcome) || !isOptionalText(trackId)) return undefined;
  return { code, detail: typeof detail === 'string' ? detail : undefined, outcome, trackId };
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

/** An AggregateError of several tried addresses has no message: uses the first error's. */
export function plainError(error: unknown): Error {
  if (error instanceof AggregateError) return plainError(error.errors[0]);
  return error instanceof Error ? error : new Error(String(error));
}
