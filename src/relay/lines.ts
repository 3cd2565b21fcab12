import type { Line } from './line.js';

/** The lines that stand, by name. */
export class Lines {
  readonly #lines = new Map<string, Line>();
  readonly #waiting = new Map<string, Set<(line: Line) => void>>();
  readonly #joins = new Map<string, number>();

  get all(): readonly Line[] {
    return [...this.#lines.values()];
  }

  /** Lines of each name since the start. */
  get joins(): ReadonlyMap<string, number> {
    return this.#joins;
  }

  /** Undefined when there is none on which streams can be opened. */
  find(name: string): Line | undefined {
    const line = this.#lines.get(name);
    return line?.isOpen === true ? line : undefined;
  }

  /** Takes the place of the line that was there, which its owner ends. */
  add(line: Line): void {
    this.#lines.set(line.name, line);
    this.#joins.set(line.name, (this.#joins.get(line.name) ?? 0) + 1);
    const waiting = this.#waiting.get(line.name);
    this.#waiting.delete(line.name);
    for (const each of waiting ?? []) each(line);
  }

  remove(line: Line): void {
    if (this.#lines.get(line.name) === line) this.#lines.delete(line.name);
  }

  /** The line of that name, once there is one; undefined when there is none in time. */
  async next(name: string, milliseconds: number): Promise<Line | undefined> {
    const known = this.find(name);
    if (known !== undefined) return known;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiting);
      const settle = (line?: Line): void => {
        clearTimeout(timer);
        waiting.delete(settle);
        if (waiting.size === 0 && this.#waiting.get(name) === waiting) this.#waiting.delete(name);
        resolve(line);
      };
      const timer = setTimeout(settle, milliseconds);
      waiting.add(settle);
    });
  }
}
