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
  readonly responder: Omit<CommandResponderOptions, 'studio' | 'log' | 'listen' | 'isOwner'>;
  /** Changes when there is something new to tell. */
  readonly version: () => number;
}

/** Milliseconds between two questions for other origins of the same name, and how many there are for each of the stream. */
const CONFIRM_MS = 1000;
const CONFIRMS_PER_CHECK = 5;
/** Milliseconds between two looks at what is to be told. */
const META_MS = 500;
/** Milliseconds for what is left at the end. */
const DRAIN_MS = 1000;

export class NatsOrigin {
  readonly #options: NatsOriginOptions;
  readonly #instance = randomUUID();
  readonly #studios = new Map<string, OriginStudio>();
  #check: NodeJS.Timeout | undefined;
  #looks = 0;
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
    this.#check = setInterval(() => this.#look(), CONFIRM_MS);
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
    for (const each of this.#studios.values()) each.drain();
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
    this.#looks += 1;
    if (connection === undefined) return;
    const isFullCheck = this.#looks % CONFIRMS_PER_CHECK === 0;
    for (const each of this.#studios.values()) void each.check(connection, isFullCheck);
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
  #isClaiming = false;
  #isEnding = false;
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
      isOwner: () => this.#owner.isConfirmed,
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
    if (!this.#isEnding) void this.#claim(connection);
  }

  /** The library would subscribe again by itself, before the name is known to be this origin's still. */
  onDown(): void {
    this.#turn += 1;
    this.#stopAnswering();
    this.#publisher.onDown();
  }

  /** What devices there are and what they can do changes with time. */
  tellChanges(): void {
    const version = this.#version();
    if (version === this.#told || !this.#publisher.isLive) return;
    this.#told = version;
    this.#publisher.publishMeta();
  }

  /** A full check looks at the stream as well, and tries again for a name that was another origin's. */
  async check(connection: NatsConnection, isFull: boolean): Promise<void> {
    if (this.#isEnding) return;
    if (!this.isOwner) return isFull && !this.#isClaiming ? this.#claim(connection) : undefined;
    if (isFull) void this.#publisher.checkStream();
    const turn = this.#turn;
    const other = await this.#owner.confirm(connection).catch(() => undefined);
    if (other !== undefined && turn === this.#turn) this.#giveWay(describeClaim(other));
  }

  /** Takes no more commands; what is left to publish goes on. */
  drain(): void {
    this.#isEnding = true;
    this.#stopAnswering();
  }

  stop(): void {
    this.#turn += 1;
    this.drain();
    this.#publisher.stop();
  }

  #stopAnswering(): void {
    this.#responder.stop();
    this.#owner.release();
  }

  async #claim(connection: NatsConnection): Promise<void> {
    const turn = (this.#turn += 1);
    this.#isClaiming = true;
    try {
      const other = await this.#owner.claim(connection);
      if (turn !== this.#turn) return;
      if (other !== undefined) return this.#giveWay(describeClaim(other));
    } catch (error) {
      if (turn === this.#turn) this.#log.warn({ cause: String(error) }, 'NATS does not say who has the name');
      return;
    } finally {
      if (turn === this.#turn) this.#isClaiming = false;
    }
    this.#other = undefined;
    this.#responder.listen(connection);
    this.#publisher.onUp(connection);
  }

  #giveWay(other: string): void {
    if (this.#other !== other) this.#log.error(`not published: ${other}`);
    this.#other = other;
    this.#stopAnswering();
    this.#publisher.onDown();
  }
}
