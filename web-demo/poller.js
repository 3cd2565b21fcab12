/** Does `work` again and again, `everyMs` after its last end, and not at all while nobody looks at the page. */
export class Poller {
  #work;
  #everyMs;
  #timer;
  #running = false;
  #again = false;

  /** `work` must not reject. */
  constructor(work, everyMs) {
    this.#work = work;
    this.#everyMs = everyMs;
    document.addEventListener('visibilitychange', () => this.wake());
  }

  /** Now, or as soon as the running round ends. */
  wake() {
    clearTimeout(this.#timer);
    if (this.#running) this.#again = true;
    else void this.#round();
  }

  async #round() {
    if (document.hidden) return;
    this.#running = true;
    this.#again = false;
    await this.#work();
    this.#running = false;
    this.#timer = setTimeout(() => void this.#round(), this.#again ? 0 : this.#everyMs);
  }
}
