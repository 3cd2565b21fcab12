import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { COMMANDS } from '../../src/catalog/index.js';
import type { CommandDefinition } from '../../src/catalog/index.js';

const FOLDER = new URL('../../src/catalog/rcsp/', import.meta.url);
const SUBJECT_FILES = readdirSync(FOLDER).filter((name) => name.endsWith('-commands.ts'));

async function exportsOf(file: string): Promise<unknown[]> {
  return Object.values(z.record(z.string(), z.unknown()).parse(await import(new URL(file, FOLDER).href)));
}

test('every command that a subject file exports is registered, and nothing else is', async () => {
  const exported = (await Promise.all(SUBJECT_FILES.map(exportsOf))).flat();
  expect(exported).toHaveLength(41);
  expect(new Set<unknown>(COMMANDS)).toEqual(new Set(exported));
  expect(COMMANDS).toHaveLength(41);
});

test('no two commands have the same name or the same place in the specification', () => {
  const commands: readonly CommandDefinition[] = COMMANDS;
  expect(new Set(commands.map(({ name }) => name)).size).toBe(41);
  expect(commands.map(({ specOrder }) => specOrder)).toEqual(commands.map((_, i) => i + 1));
});
