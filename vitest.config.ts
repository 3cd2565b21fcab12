import { defineConfig } from 'vitest/config';
import type { TestProjectInlineConfiguration } from 'vitest/config';

type ProjectSettings = NonNullable<TestProjectInlineConfiguration['test']>;

/*
 * The end of a file's name decides which project runs it:
 *
 *   *.unit.test.ts, test/*.test.ts   unit: opens no socket, starts no process and no browser
 *   *.browser.test.ts                browser: Chromium, and the built page or client
 *   *.slow.test.ts, test/fuzz/       slow: load, soak, Docker, fuzzing
 *   every other *.test.ts            gateway: real Fastify, real sockets, the command line as a process
 *
 * `npm test` runs all but `slow`, and of the others all that is not tagged `extended`; `npm run test:all` runs the rest.
 */
const UNIT = ['test/*.test.ts', 'test/**/*.unit.test.ts'];
const BROWSER = ['test/**/*.browser.test.ts'];
const SLOW = ['test/**/*.slow.test.ts'];
const FUZZ = ['test/fuzz/*.test.ts'];

const isCi = process.env['CI'] !== undefined;

/** Projects run one after the other, in this order: the cheapest failure comes first. */
function project(name: string, groupOrder: number, test: ProjectSettings): TestProjectInlineConfiguration {
  return { extends: true, test: { name, sequence: { groupOrder }, ...test } };
}

export default defineConfig({
  test: {
    // Test files of a worker share the modules they import: a fresh import of the gateway costs a second.
    isolate: false,
    // A slow machine must not make a correct test fail.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    tags: [{ name: 'extended', description: 'takes long, or needs other programs: run by test:all alone' }],
    // On a machine that nobody watches, one late timer must not fail thousands of tests; the report names each such test.
    retry: isCi ? 1 : 0,
    reporters: isCi ? ['default', 'json', './test/support/second-attempts.ts'] : ['default'],
    outputFile: { json: 'test-results.json' },
    projects: [
      project('unit', 1, { include: UNIT, maxWorkers: 2 }),
      project('gateway', 2, {
        include: ['test/**/*.test.ts'],
        exclude: [...UNIT, ...BROWSER, ...SLOW, ...FUZZ],
        // These tests wait more than they work.
        maxWorkers: 6,
      }),
      project('browser', 3, {
        include: BROWSER,
        maxWorkers: 3,
        globalSetup: 'test/support/chromium.ts',
      }),
      project('slow', 4, {
        include: [...SLOW, ...FUZZ],
        maxWorkers: 2,
        isolate: true,
      }),
    ],
  },
});
