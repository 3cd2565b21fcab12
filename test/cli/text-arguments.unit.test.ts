import { expect, test } from 'vitest';
import { z } from 'zod';
import { COMMANDS } from '../../src/catalog/index.js';
import type { CommandDefinition } from '../../src/catalog/index.js';
import { TEXT_ARGUMENTS } from '../../src/cli/text-arguments.js';

test('the text arguments of the command line are those of the catalog', () => {
  const texts = (COMMANDS as readonly CommandDefinition[]).map(({ name, arguments: { shape } }) => {
    const fields = Object.entries(shape).filter(
      ([, field]) => field instanceof z.ZodString || field instanceof z.ZodEnum,
    );
    return [name, fields.map(([key]) => key)] as const;
  });
  expect(new Map(texts.filter(([, keys]) => keys.length > 0))).toEqual(TEXT_ARGUMENTS);
});
