import type { CommandDefinition } from './define.js';

/** Longer answers are not remembered: they seldom repeat. */
const MAX_BYTES = 256;
/** Answers that are remembered. */
const MAX_ANSWERS = 1000;

/** Answers that were found to fit the catalog, by their bytes: a read that repeats is not checked again. */
export class FittingAnswers {
  readonly #byCommand = new Map<CommandDefinition, Set<string>>();
  #count = 0;

  has(command: CommandDefinition, bytes: Buffer | undefined): boolean {
    if (bytes === undefined || bytes.length > MAX_BYTES) return false;
    return this.#byCommand.get(command)?.has(bytes.toString('latin1')) === true;
  }

  add(command: CommandDefinition, bytes: Buffer | undefined): void {
    if (bytes === undefined || bytes.length > MAX_BYTES) return;
    if (this.#count === MAX_ANSWERS) this.#forget();
    const answers = this.#byCommand.get(command) ?? new Set();
    answers.add(bytes.toString('latin1'));
    this.#byCommand.set(command, answers);
    this.#count += 1;
  }

  #forget(): void {
    this.#byCommand.clear();
    this.#count = 0;
  }
}
