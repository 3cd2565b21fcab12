// @module-tag extended
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, firstMissing, markdownFiles, textOf } from './blocks.js';
import { Stage } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.set();
});
afterAll(() => stage.strike());

/** The blocks of a document share a folder and run in their order, as a reader would run them. */
describe.each(
  markdownFiles().filter((file) => blocksOf(textOf(file)).some(({ notRun }) => notRun === undefined)),
)('%s', (file) => {
  let cwd: string;
  beforeAll(() => {
    cwd = stage.folder();
  });

  for (const { line, steps, until, exitCodes } of blocksOf(textOf(file)).filter(
    ({ notRun }) => notRun === undefined,
  )) {
    test(`the commands at line ${line} do what is shown`, async () => {
      for (const { command, expected } of steps) {
        const { code, output } = await stage.shell(command, { cwd, until });
        expect([firstMissing(expected, output), output]).toEqual([undefined, output]);
        if (until === undefined)
          expect([exitCodes.includes(code ?? -1), code, output]).toEqual([true, code, output]);
        else expect(output).toContain(until);
      }
    });
  }
});
