import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Scope } from '../../src/catalog/define.js';
import { createToken } from '../../src/access/token-file.js';

/** A file of tokens, and what is in it by name. */
export interface Tokens<Name extends string> {
  /** For the setting `tokens`. */
  readonly file: string;
  readonly of: Readonly<Record<Name, string>>;
  /** The headers that a request of this name needs. */
  readonly as: (name: Name) => Record<string, string>;
}

/** Makes a token for each name; the file ends with the test. */
export function makeTokens<Name extends string>(scopes: Readonly<Record<Name, Scope>>): Tokens<Name> {
  const folder = mkdtempSync(join(tmpdir(), 'tokens-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'tokens.json');
  const names = Object.keys(scopes) as Name[];
  const made = names.map((name) => {
    return [name, createToken(file, { name, scope: scopes[name], expiresAt: null })] as const;
  });
  const of = Object.fromEntries(made) as Record<Name, string>;
  return { file, of, as: (name) => ({ authorization: `Bearer ${of[name]}` }) };
}
