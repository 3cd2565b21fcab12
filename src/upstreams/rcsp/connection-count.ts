import type { Logger } from '../../util/log.js';
import type { Connection } from './connection.js';

/** Milliseconds for which the connections must not change before they are counted for the log. */
const SETTLE_MS = 1000;

/** How many of its connections the gateway got from the studio. */
export class ConnectionCount {
  readonly #log: Logger;
  readonly #events: Connection;
  readonly #commands: readonly Connection[];
  #isLogged = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Logger, events: Connection, commands: readonly Connection[]) {
    this.#log = log;
    this.#events = events;
    this.#commands = commands;
  }

  /** `2 of 5 connections` */
  get text(): string {
    const all = [this.#events, ...this.#commands];
    return `${all.filter((each) => each.isUp).length} of ${all.length} connections`;
  }

  /** Call it when a connection has changed. Logs once that the studio refuses some, until it has accepted all. */
  update(): void {
    if (this.#events.isUp && this.#commands.every((each) => each.isUp)) this.#isLogged = false;
    if (this.#isLogged || !this.#isLimited) return;
    this.#timer ??= setTimeout(() => this.#tell(), SETTLE_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  get #isLimited(): boolean {
    return this.#events.isUp && this.#commands.some((each) => each.isRefused);
  }

  #tell(): void {
    this.#timer = undefined;
    if (!this.#isLimited) return;
    this.#isLogged = true;
    const isShared = !this.#commands.some((each) => each.isUp);
    const how = isShared ? 'commands and events share it' : 'the gateway goes on with these';
    this.#log.warn(`the studio accepts ${this.text}; ${how} and keeps trying the others`);
  }
}
