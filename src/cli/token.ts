/** `rcsp-gateway token`: creates, lists and revokes tokens, and makes sign-in links. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { SCOPES } from '../access/scope.js';
import {
  createToken,
  defaultTokenFile,
  readTokenFile,
  revokeToken,
  studioName,
  TokenFileError,
  tokenName,
} from '../access/token-file.js';
import type { TokenFile } from '../access/token-file.js';
import type { Scope } from '../catalog/define.js';
import { ConfigError } from '../config/config-error.js';
import { variableOf } from '../config/setting-names.js';
import { linkCommand } from './token-link.js';

type Print = (line: string) => void;

interface FileOption {
  readonly tokens: string;
}

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

export function tokenCommand(print: Print): Command {
  const command = new Command('token').description(
    'make, list and revoke the tokens that let people in; make sign-in links',
  );
  command.addCommand(create(print));
  command.addCommand(list(print));
  command.addCommand(revoke(print));
  command.addCommand(linkCommand({ print, inWords }));
  return command;
}

interface CreateOptions {
  readonly name: string;
  readonly scope: Scope;
  readonly expires?: Date;
  readonly studio?: readonly string[];
}

function create(print: Print): Command {
  return withFile('create', 'make a token and print it; it is kept as a hash and cannot be shown again')
    .requiredOption('--name <name>', 'whose it is; told in the audit', parseName)
    .addOption(new Option('--scope <scope>', 'what it may do').choices(SCOPES).makeOptionMandatory())
    .option(
      '--expires <when>',
      'after 30m, 12h, 30d or 8w, or at a date such as 2027-01-31; never when left out',
      parseExpiry,
    )
    .option('--studio <name>', 'only for this studio; repeatable; for all when left out', parseStudio)
    .action(({ name, scope, expires, tokens, studio: studios }: FileOption & CreateOptions) => {
      print(inWords(() => createToken(tokens, { name, scope, expiresAt: expires ?? null, studios })));
    });
}

function list(print: Print): Command {
  return withFile('list', 'list the tokens and their sessions: name, scope, made, expires, studios').action(
    ({ tokens }: FileOption) => {
      const now = Date.now();
      const entries = listed(inWords(() => readTokenFile(tokens)));
      const hasLimits = entries.some(({ studios }) => studios !== undefined);
      const head = ['NAME', 'SCOPE', 'MADE', 'EXPIRES', 'STUDIOS'];
      const table = [head, ...entries.map((entry) => rowOf(entry, now))];
      for (const line of aligned(hasLimits ? table : table.map((row) => row.slice(0, -1)))) print(line);
    },
  );
}

function revoke(print: Print): Command {
  return withFile(
    'revoke',
    'make a token and its sessions worthless, or one session, also on a gateway that runs',
  )
    .argument('<name>', 'the name of the token or the session')
    .action((name: string, { tokens }: FileOption) => {
      inWords(() => revokeToken(tokens, name));
      print(`revoked ${name}`);
    });
}

function withFile(name: string, description: string): Command {
  const file = process.env[variableOf('tokens')] || defaultTokenFile(process.env);
  return new Command(name).description(description).option('--tokens <file>', 'where tokens are kept', file);
}

/** Reports an error of the token file in one line. */
export function inWords<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof TokenFileError || isSystemError(error)) throw new ConfigError(error.message);
    throw error;
  }
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}

function parseName(text: string): string {
  const parsed = tokenName.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? 'is no name');
}

function parseStudio(text: string, known: readonly string[] = []): readonly string[] {
  const parsed = studioName.safeParse(text);
  if (parsed.success) return [...new Set([...known, parsed.data])];
  throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? 'is no name of a studio');
}

/** @throws InvalidArgumentError, also for a time in the past */
export function parseExpiry(text: string): Date {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const isDate =
    z.iso.date().safeParse(text).success || z.iso.datetime({ offset: true }).safeParse(text).success;
  const at =
    count === undefined
      ? isDate
        ? Date.parse(text)
        : NaN
      : Date.now() + Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  if (Number.isNaN(at)) throw new InvalidArgumentError('must be like 30m, 12h, 30d, 8w or 2027-01-31');
  if (at <= Date.now()) throw new InvalidArgumentError('is in the past');
  return new Date(at);
}

interface Listed {
  readonly name: string;
  readonly scope: Scope;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly studios?: readonly string[] | undefined;
}

/** Each token, with its sessions below it. */
function listed({ tokens, sessions }: TokenFile): Listed[] {
  return tokens.flatMap((token) => [
    token,
    ...sessions
      .filter(({ parent }) => parent === token.sha256)
      .map((session) => ({ ...session, scope: token.scope, studios: token.studios })),
  ]);
}

function rowOf({ name, scope, createdAt, expiresAt, studios }: Listed, now: number): string[] {
  return [name, scope, createdAt, expiryText(expiresAt, now), studios?.join(', ') ?? 'all'];
}

export function expiryText(expiresAt: string | null, now: number): string {
  if (expiresAt === null) return 'never';
  return Date.parse(expiresAt) <= now ? `expired ${expiresAt}` : expiresAt;
}

export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
