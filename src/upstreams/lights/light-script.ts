/**
 * What the node's shell is told. Rows and marks are made of letters, digits, commas and underscores; the text of a user
 * reaches a shell only by `shellScript`, quoted.
 */
import { BOARD_CLI, RUN_COMMAND, SLOTS } from './protocol/vendor-choices.js';
import { rowOf } from './light-registers.js';
import type { Sequence } from './light-registers.js';

/** Writes a sequence's file and loads it. `echo "\n"` would need a shell whose echo expands it. */
export function loadScript({ steps, standalone }: Sequence): string {
  const { file, load } = SLOTS[standalone ? 'standalone' : 'sequence'];
  const rows = steps.map((each) => `'${rowOf(each)}'`).join(' ');
  return `printf '%s\\n' ${rows} > ${file} && ${BOARD_CLI} ${load}`;
}

/** Runs the loaded sequence. */
export function runScript(): string {
  return `${BOARD_CLI} ${RUN_COMMAND}`;
}

/** A command of a user, for a shell of its own: whatever it holds, the mark follows it. */
export function shellScript(command: string): string {
  return `sh -c '${command.replaceAll("'", `'\\''`)}'`;
}

const MARK = /^[0-9a-z]{8,40}$/;

/**
 * The script, followed by its mark and how it ended. Standard error goes with the output: pycom sends one of both,
 * and whichever it takes must carry the mark.
 */
export function markedScript(script: string, mark: string): string {
  if (!MARK.test(mark)) throw new Error(`${mark} is no mark`);
  return `{ ${script}; } 2>&1 && echo @@${mark}:ok || echo @@${mark}:failed`;
}

/** How a command ended, and what it wrote. */
export interface MarkedOutput {
  readonly ok: boolean;
  readonly text: string;
}

/** Undefined when the output does not end with the mark: it belongs to another command. */
export function readMarked(output: string, mark: string): MarkedOutput | undefined {
  const trimmed = output.trimEnd();
  for (const [end, ok] of [
    [`@@${mark}:ok`, true],
    [`@@${mark}:failed`, false],
  ] as const) {
    if (trimmed.endsWith(end)) return { ok, text: trimmed.slice(0, -end.length) };
  }
  return undefined;
}
