/** Messages that belong to commands which nobody waits for any more. */
export class ExpectedMessages {
  readonly #due = new Map<string, number[]>();

  /** One message of the kind is expected for so many milliseconds. */
  add(kind: string, ms: number): void {
    const due = this.#due.get(kind) ?? [];
    due.push(performance.now() + ms);
    this.#due.set(kind, due);
  }

  /** Whether one was expected; then it no longer is. */
  pay(kind: string): boolean {
    const now = performance.now();
    const live = (this.#due.get(kind) ?? []).filter((until) => until > now);
    const wasExpected = live.shift() !== undefined;
    this.#due.set(kind, live);
    return wasExpected;
  }
}
