import type { FastifyReply } from 'fastify';
import { commandByName } from '../src/catalog/index.js';
import type { Studio } from '../src/studios/studio.js';

/** Characters of the header's value; names beyond it are left out. */
const MAX_LENGTH = 2000;
/** RFC 9110 5.6.2, without `%`, which is encoded itself. */
const TOKEN = /^[!#$&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Names the arguments that neither the catalog nor the server describes: they are passed on, and may be misspelt. */
export function nameUnknownArguments(
  { upstream }: Studio,
  reply: FastifyReply,
  name: string,
  args: Readonly<Record<string, unknown>>,
): void {
  const known = commandByName.get(name)?.arguments.shape ?? {};
  const others = Object.keys(args).filter((key) => !Object.hasOwn(known, key));
  if (others.length === 0) return;
  const listed = upstream.discovery.describe(name, args['DeviceId'])?.arguments.shape ?? {};
  const value = headerValue(others.filter((key) => !Object.hasOwn(listed, key)));
  if (value !== '') reply.header('rcsp-unknown-arguments', value);
}

function headerValue(names: readonly string[]): string {
  let value = '';
  for (const name of names) {
    const next = `${value}${value === '' ? '' : ', '}${encoded(name)}`;
    if (next.length > MAX_LENGTH) break;
    value = next;
  }
  return value;
}

/** Half a surrogate pair, which JSON can hold, becomes U+FFFD. */
function encoded(name: string): string {
  if (TOKEN.test(name)) return name;
  return encodeURIComponent(Buffer.from(name).toString()).replace(
    /[()]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
}
