/** How values of settings are written: what a flag or a variable says, and what JSON says. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { HOST_NAME } from '../access/names.js';
import { isStudioName } from '../wire/channel-pattern.js';

/** The port on which a light array listens. */
const PYCOM_PORT = 5000;

/** Where to connect or to listen. IPv6 literals are written in brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export function integer(min: number, max: number): z.ZodType<number> {
  const reason = `must be a whole number from ${min} to ${max}`;
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], { error: reason })
    .pipe(z.number().int(reason).min(min, reason).max(max, reason));
}

/** `minPort` 0 where any free port will do. */
export function address(minPort: number): z.ZodType<Address> {
  const reason = `must be host:port, the port from ${minPort} to 65535`;
  return z.string({ error: reason }).transform((text, context) => {
    const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
    const host = bracketed ?? plain;
    const port = Number(digits);
    if (host !== undefined && port >= minPort && port <= 65535) return { host, port };
    context.addIssue({ code: 'custom', message: addressMistake(text) ?? reason });
    return z.NEVER;
  });
}

/** What people write who have a URL in mind; undefined for anything else. */
function addressMistake(text: string): string | undefined {
  const [, scheme = '', rest = '', path = ''] =
    /^([a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)([/?#].*)?$/i.exec(text) ?? [];
  if (scheme !== '') return `must be host:port without ${scheme}, such as ${rest || 'studio-pc:45451'}`;
  return path === '' || rest === '' ? undefined : `must be host:port with nothing behind it, such as ${rest}`;
}

const SPELLINGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['yes', true],
  ['no', false],
  ['on', true],
  ['off', false],
]);
const DIGITS: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['0', false],
]);

function booleanOf(said: string | number, spellings: ReadonlyMap<string, boolean>): boolean | undefined {
  return spellings.get(String(said).trim().toLowerCase());
}

const FLAG_REASON = `must be one of ${[...SPELLINGS.keys(), ...DIGITS.keys()].join(', ')}`;

export const flag = z.union(
  [
    z.boolean(),
    z.union([z.string(), z.number()]).transform((said, context) => {
      const value = booleanOf(said, SPELLINGS) ?? booleanOf(said, DIGITS);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: FLAG_REASON });
      return z.NEVER;
    }),
  ],
  { error: FLAG_REASON },
);

export function oneOf<const T extends readonly string[]>(values: T): z.ZodType<T[number]> {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

export const path = z.string({ error: 'must be a path' }).min(1, 'must be a path').nullable();

/** Several values, each checked; none is the empty list. */
function list<T>(each: z.ZodType<T, string>, reason: string): z.ZodType<readonly T[]> {
  const texts = z.union([z.array(z.string()), z.string().transform((text) => text.split(','))], {
    error: reason,
  });
  return texts
    .pipe(z.array(z.string().trim().pipe(each)).min(1, reason))
    .nullable()
    .transform((values) => values ?? []);
}

const HOST_REASON = 'must be host names such as studio-pc or *.local, or addresses, without a port';

/** A name as it stands in a `Host` header, without the port: `studio-pc`, `*.local`, `192.168.1.5`, `[fe80::1]`. */
const hostName = z
  .string()
  .toLowerCase()
  .transform((text) => (isIP(text) === 6 ? `[${text}]` : text))
  .pipe(z.string().regex(HOST_NAME, HOST_REASON));

const ORIGIN_REASON = 'must be origins such as https://studio.example:8443, without a path; * is none';
const NULL_REASON =
  'must not be null, the origin of files and sandboxed pages of every site: serve the page over http://';
/** Of apps and extensions, compared as it is written: `tauri://localhost`, `file://`. */
const APP_ORIGIN = /^(?!(?:https?|wss?|ftp):)[a-z][a-z0-9+.-]*:\/\/[a-z0-9_.:-]*$/i;

const origin = z.string().transform((text, context) => {
  const parsed = APP_ORIGIN.test(text) ? text.toLowerCase() : webOrigin(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: text === 'null' ? NULL_REASON : ORIGIN_REASON });
  return z.NEVER;
});

function webOrigin(text: string): string | undefined {
  if (!URL.canParse(text) || !/^https?:/.test(text) || text.includes('*')) return undefined;
  const { origin: parsed, pathname, search, hash, username } = new URL(text);
  return pathname === '/' && search + hash + username === '' ? parsed : undefined;
}

const PROXY_REASON = 'must be addresses, networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal';

/** Addresses, networks, and names of ranges. */
export const proxyAddresses = list(
  z.string().refine((text) => {
    const [address = '', bits, ...more] = text.split('/');
    const max = isIP(address) === 6 ? 128 : 32;
    const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= max);
    return (
      ['loopback', 'linklocal', 'uniquelocal'].includes(text) ||
      (isIP(address) > 0 && fits && more.length === 0)
    );
  }, PROXY_REASON),
  PROXY_REASON,
);

function proxiesOf(isTrusted: boolean): readonly string[] {
  return isTrusted ? ['loopback'] : [];
}

/** Said without a value: the proxy is on this machine. */
export const trustProxy = z.union(
  [
    z.boolean().transform(proxiesOf),
    // Not `1` and `0`: other programs take a number for a count of proxies.
    z
      .string()
      .refine((text) => booleanOf(text, SPELLINGS) !== undefined)
      .transform((text) => proxiesOf(booleanOf(text, SPELLINGS) === true)),
    proxyAddresses,
  ],
  { error: PROXY_REASON },
);

const LIGHTS_REASON = 'must be addresses of light arrays, such as 192.168.0.23 or light-1:5001, each once';

/** `host` or `host:port`, each once. */
export const lightAddresses = list(
  z.string().transform((text, context) => {
    const hasPort = isIP(text) !== 6 && /:\d+$/.test(text);
    const full = hasPort ? text : `${isIP(text) === 6 ? `[${text}]` : text}:${PYCOM_PORT}`;
    const parsed = address(1).safeParse(full);
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: LIGHTS_REASON });
    return z.NEVER;
  }),
  LIGHTS_REASON,
).refine((all) => new Set(all.map(({ host, port }) => `${host} ${port}`)).size === all.length, LIGHTS_REASON);

const NATS_REASON = 'must be URLs of NATS servers, such as tls://hub:4222 or wss://hub:443, all of one kind';

/** Servers of one cluster. The client library takes WebSockets or TCP, not both. */
export const natsServers = list(
  z.string().refine((text) => /^(?:nats|tls|wss?):\/\/[^/\s]/i.test(text) && URL.canParse(text), NATS_REASON),
  NATS_REASON,
).refine((all) => new Set(all.map((each) => /^ws/i.test(each))).size <= 1, NATS_REASON);
/** A studio by its name; without an address it is simulated. */
export interface StudioAddress {
  readonly name: string;
  readonly address: Address | null;
}

const NAME_REASON = 'must be 1 to 32 small letters, digits or -, and not begin with -';
const STUDIO_REASON = 'must be studios such as stage=stage-pc:45451';
/** Words that stand where a name would in URLs. */
const RESERVED: readonly string[] = ['v1', 'rtc', 'live', 'ready', 'metrics', 'docs', 'studios'];

export const studioName = z
  .string({ error: NAME_REASON })
  .refine(isStudioName, NAME_REASON)
  .refine((name) => !RESERVED.includes(name), {
    error: ({ input }) => `must not name a studio ${String(input)}: that word is reserved`,
  });

const studio = z.string().transform((text, context): StudioAddress => {
  const [, name = '', where] = /^([^=]*)(?:=(.*))?$/.exec(text.trim()) ?? [];
  const parsedName = studioName.safeParse(name);
  const parsed = where === undefined ? undefined : address(1).safeParse(where);
  const failed = parsedName.success ? parsed?.error : parsedName.error;
  if (failed === undefined) return { name, address: parsed?.data ?? null };
  context.addIssue({ code: 'custom', message: `of "${name}" ${failed.issues[0]?.message ?? STUDIO_REASON}` });
  return z.NEVER;
});

/** `name=host:port`, or a name alone; each name once. */
export const studioList = list(studio, STUDIO_REASON).superRefine((all, context) => {
  const names = all.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    context.addIssue({ code: 'custom', message: `must name each studio once: ${twice} is there twice` });
});

export const allowedHosts = list(hostName, HOST_REASON);
export const allowedOrigins = list(origin, ORIGIN_REASON);

const ICE_REASON =
  'must be stun:host[:port], turn:host[:port], optionally ?transport=udp or tcp, or turns:host[:port]';

/** RFC 7064 and RFC 7065. */
const ICE_URL =
  /^(?:stuns?:(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?|turns?:(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?(?:\?transport=(?:udp|tcp))?)$/i;

export const iceServers = list(
  z
    .string()
    .refine(
      (text) => ICE_URL.test(text) && Number(/:(\d+)(?:\?|$)/.exec(text)?.[1] ?? 1) <= 65_535,
      ICE_REASON,
    ),
  ICE_REASON,
);
