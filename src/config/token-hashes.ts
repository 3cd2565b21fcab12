/** Tokens that are given by their hashes, where there is no file: `name:scope:sha256`. */
import { z } from 'zod';
import { SCOPES } from '../access/scope.js';
import { tokenName } from '../access/token-file.js';
import type { FixedToken } from '../access/token-store.js';

const REASON = `must be name:scope:sha256 in hexadecimal, the scope one of ${SCOPES.join(', ')}`;

const Hash = z.object({
  name: tokenName,
  scope: z.enum(SCOPES),
  sha256: z
    .string()
    .toLowerCase()
    .regex(/^[0-9a-f]{64}$/),
});

/** Parted by commas or line breaks. Never quotes what it refuses: somebody may have written the token itself. */
export const tokenHashes = z
  .union([z.array(z.string()), z.string().transform((text) => [text])], { error: REASON })
  .nullable()
  .transform((texts, context): readonly FixedToken[] => {
    const lines = (texts ?? []).flatMap((text) => text.split(/[,\n]/)).map((line) => line.trim());
    const parsed = lines.filter((line) => line !== '').map((line) => Hash.safeParse(partsOf(line)));
    const tokens = parsed.flatMap(({ data }) => data ?? []);
    const isBad = tokens.length < parsed.length || (texts !== null && tokens.length === 0);
    const isTwice = new Set(tokens.map(({ name }) => name)).size < tokens.length;
    if (!isBad && !isTwice) return tokens;
    context.addIssue({ code: 'custom', message: isBad ? REASON : 'names two tokens alike' });
    return z.NEVER;
  });

function partsOf(line: string): Record<string, string | undefined> {
  const [name, scope, sha256, ...more] = line.split(':');
  return more.length === 0 ? { name, scope, sha256 } : {};
}
