/** What the command line needs to speak to a gateway that runs elsewhere. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { ConfigError } from '../config/config.js';

/** Where the gateway is, and how to reach it. */
export interface RemoteOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** A file of certificates, PEM, that are trusted instead of the system's. */
  readonly cacert?: string | undefined;
}

/** A gateway that is checked: its base URL, what trusts it, and who asks. */
export interface Remote {
  readonly base: URL;
  readonly ca: Buffer | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws ConfigError naming the option that cannot be */
export function remoteOf({ url, token, cacert }: RemoteOptions): Remote {
  return {
    base: gatewayUrl(url),
    ca: cacert === undefined ? undefined : readCa(cacert),
    headers: bearer(token),
  };
}

const EXAMPLE = 'it must be like http://studio-gw:8080';
/** `host:port`, which a URL parser would take for a scheme and a path. */
const BARE = /^(?:\[[\da-f:.]+\]|[\w.-]+):\d{1,5}(?:\/.*)?$/i;

function gatewayUrl(text: string): URL {
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

/** Without a token, nothing is sent. A line break at its end, as from a file, is no part of it. */
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

/** The gateway's certificate is not trusted, or it speaks no TLS: trying again is no use, and nothing was sent. */
export class UntrustedError extends Error {}

/** There was no connection to send anything on. */
export class NotSentError extends Error {}

export interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The answer's head has come; its body is the caller's to read. Without a limit of its own to the time: the gateway
 * has one for every command. `fetch` would end at 300 s.
 *
 * @throws UntrustedError, NotSentError; any other error after the request may have arrived
 */
export async function send(
  url: URL,
  { ca, headers: own }: Remote,
  { method, headers, body, signal }: Sent,
): Promise<http.IncomingMessage> {
  const isTls = url.protocol === 'https:';
  const { request } = isTls ? https : http;
  const sent = request(url, {
    method,
    headers: { ...headers, ...own },
    ...(ca !== undefined && { ca }),
    ...(signal !== undefined && { signal }),
  });
  const progress = { isConnected: false };
  sent.once('socket', (socket: Socket) => {
    if (sent.reusedSocket) progress.isConnected = true;
    // Only a peer whose certificate is trusted gets this far.
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

/** OpenSSL's names of what is wrong with a certificate, and Node's. */
const CERTIFICATE = /CERT|SIGNATURE|ISSUER|CRL|CA$|PATH_LENGTH|HOSTNAME_MISMATCH/;

/** Undefined when it has nothing to do with TLS. */
function distrustReason(error: Error): string | undefined {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    const reason = code === 'EPROTO' ? (/:([^:]+):[^:]*$/.exec(error.message.trim())?.[1] ?? code) : code;
    return `TLS fails (${reason}); is it http:// there?`;
  }
  if (!CERTIFICATE.test(code)) return undefined;
  return `the certificate is not trusted: ${error.message}; name its issuer by --cacert FILE or NODE_EXTRA_CA_CERTS`;
}

/** What to say of a redirect, which is not followed: a command must not run elsewhere. */
export function redirectReason(
  url: URL,
  { statusCode = 0, headers }: http.IncomingMessage,
): string | undefined {
  if (statusCode < 300 || statusCode >= 400) return undefined;
  const { location = '' } = headers;
  const where = URL.canParse(location, url.href) ? new URL(location, url).origin : 'somewhere else';
  return `${url.origin} redirects (${statusCode}) to ${where}; say that as --url`;
}

/** undefined, which JSON cannot say, when it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Several addresses tried for one name fail as one error without words; the first of them says enough. */
export function plainError(error: unknown): Error {
  if (error instanceof AggregateError) return plainError(error.errors[0]);
  return error instanceof Error ? error : new Error(String(error));
}
