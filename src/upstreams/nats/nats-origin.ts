/** An origin: publishes the studios of this gateway, and answers the commands of edges. */
import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '../../util/log.js';
import { whileBusy } from '../../util/while-busy.js';
import { CommandResponder } from './command-responder.js';
import type { CommandResponderOptions } from './command-responder.js';
import type { NatsLink } from './nats-link.js';
import { describeClaim, OriginOwner } from './origin-owner.js';
import { StudioPublisher } from './studio-publisher.js';
import type { StudioPublisherOptions } from './studio-publisher.js';

export interface NatsOriginOptions {
  readonly link: NatsLink;
  /** A logger whose lines name the studio. */
  readonly logOf: (studio: string) => Logger;
  /** Where this gateway listens for HTTP; null before it does. */
  readonly listen: () => string | null;
}

/** A studio that is to be published. */
export interface PublishedStudio {
  readonly name: string;
  readonly publisher: Omit<StudioPublisherOptions, 'studio' | 'modules' | 'inboxPrefix' | 'log'>;
  readonly responder: Omit<CommandResponderOptions, 'studio' | 'log' | 'listen'>;
  /** Changes when there is something new to tell. */
  readonly version: () => number;
}

/** Milliseconds between two looks at the stream and at other origins of the same name, and at what is to be told. */
const CHECK_MS = 5000;
const META_MS = 500;
/** Milliseconds for what is left at the end. */
const DRAIN_MS = 1000;

export class NatsOrigin {
  readonly #options: NatsOriginOptions;
  readonly #instance = randomUUID();
  readonly #studios = new Map<string, OriginStudio>();
  #check: NodeJS.Timeout | undefined;
  #metas: NodeJS.Timeout | undefined;

  constructor(options: NatsOriginOptions) {
    this.#options = options;
  }

  /** Dials, and publishes each studio as soon as its name is this gateway's. */
  start(): void {
    const { link } = this.#options;
    link.follow({
      onUp: (connection) => {
        for (const each of this.#studios.values()) each.onUp(connection);
      },
      onDown: () => {
        for (const each of this.#studios.values()) each.onDown();
      },
    });
    link.start();
    this.#check = setInterval(() => this.#look(), CHECK_MS);
    this.#metas = setInterval(() => {
      for (const each of this.#studios.values()) each.tellChanges();
    }, META_MS);
  }

  add(studio: PublishedStudio): void {
    const own = new OriginStudio(studio, this.#options, this.#instance);
    this.#studios.set(studio.name, own);
    const { connection } = this.#options.link;
    void own.start().then(() => {
      if (connection !== undefined && connection === this.#options.link.connection) own.onUp(connection);
    });
  }

  remove(name: string): void {
    this.#studios.get(name)?.stop();
    this.#studios.delete(name);
  }

  /**
   * Waits until every name is known to be this gateway's or another's, for `waitMs` at most: a hub that is away does
   * not stop the start. Returns where the other origin is.
   */
  async settled(waitMs: number): Promise<string | undefined> {
    const all = (): OriginStudio[] => [...this.#studios.values()];
    const taken = (): string | undefined => all().find(({ other }) => other !== undefined)?.other;
    await whileBusy(() => taken() === undefined && !all().every(({ isOwner }) => isOwner), waitMs);
    return taken();
  }

  /** Takes no more commands. */
  drain(): void {
    for (const each of this.#studios.values()) each.stopCommands();
  }

  async stop(): Promise<void> {
    clearInterval(this.#check);
    clearInterval(this.#metas);
    const { link } = this.#options;
    await whileBusy(() => link.isUp && [...this.#studios.values()].some(({ isIdle }) => !isIdle), DRAIN_MS);
    for (const each of this.#studios.values()) each.stop();
    await link.stop();
  }

  #look(): void {
    const { connection } = this.#options.link;
    if (connection === undefined) return;
    for (const each of this.#studios.values()) void each.check(connection);
  }
}

/** One studio: who owns its name decides whether it is published. */
class OriginStudio {
  readonly #publisher: StudioPublisher;
  readonly #responder: CommandResponder;
  readonly #owner: OriginOwner;
  readonly #log: Logger;
  readonly #version: () => number;
  #told = -1;
  #other: string | undefined;
  /** A later one makes those before void. */
  #turn = 0;

  constructor(
    { name, publisher, responder, version }: PublishedStudio,
    options: NatsOriginOptions,
    instance: string,
  ) {
    const { link } = options;
    this.#log = options.logOf(name);
    this.#version = version;
    this.#publisher = new StudioPublisher({
      ...publisher,
      studio: name,
      modules: link.modules,
      inboxPrefix: link.inboxPrefix,
      log: this.#log,
    });
    this.#responder = new CommandResponder({
      ...responder,
      studio: name,
      log: this.#log,
      listen: (channel) => this.#publisher.listen(channel),
    });
    this.#owner = new OriginOwner({ studio: name, instance, gateway: link.name, listen: options.listen });
  }

  get isOwner(): boolean {
    return this.#owner.isSettled;
  }

  /** Where the other origin of this name is. */
  get other(): string | undefined {
    return this.#other;
  }

  get isIdle(): boolean {
    return this.#publisher.isIdle;
  }

  start(): Promise<void> {
    return this.#publisher.start();
  }

  onUp(connection: NatsConnection): void {
    void this.#claim(connection);
  }

  onDown(): void {
    this.#turn += 1;
    this.#publisher.onDown();
  }

  /** What devices there are and what they can do changes with time. */
  tellChanges(): void {
    const version = this.#version();
    if (version === this.#told || !this.#publisher.isLive) return;
    this.#told = version;
    this.#publisher.publishMeta();
  }

  async check(connection: NatsConnection): Promise<void> {
    if (!this.isOwner) return this.#claim(connection);
    await this.#publisher.checkStream();
    const turn = this.#turn;
    const other = await this.#owner.findOther(connection).catch(() => undefined);
    if (other !== undefined && turn === this.#turn) this.#giveWay(describeClaim(other));
  }

  stopCommands(): void {
    this.#responder.stop();
    this.#owner.release();
  }

  stop(): void {
    this.#turn += 1;
    this.stopCommands();
    this.#publisher.stop();
  }

  async #claim(connection: NatsConnection): Promise<void> {
    const turn = (this.#turn += 1);
    try {
      const other = await this.#owner.claim(connection);
      if (turn !== this.#turn) return;
      if (other !== undefined) return this.#giveWay(describeClaim(other));
    } catch (error) {
      if (turn === this.#turn) this.#log.warn({ cause: String(error) }, 'NATS does not say who has the name');
      return;
    }
    this.#other = undefined;
    this.#responder.listen(connection);
    this.#publisher.onUp(connection);
  }

  #giveWay(other: string): void {
    if (this.#other !== other) this.#log.error(`not published: ${other}`);
    this.#other = other;
    this.#owner.release();
    this.#responder.stop();
    this.#publisher.onDown();
  }
}
