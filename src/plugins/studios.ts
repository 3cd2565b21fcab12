import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { ANYBODY } from '../access/scope.js';
import { joined } from '../config/config.js';
import type { Config } from '../config/config.js';
import type { StudioAddress } from '../config/setting-values.js';
import { readStudiosFile } from '../config/studios-file.js';
import { EdgeRoster } from '../studios/edge-roster.js';
import { studioNotFound, Studios } from '../studios/registry.js';
import type { AnyStudio } from '../studios/registry.js';
import { Studio } from '../studios/studio.js';
import type { StudioServices } from '../studios/studio-services.js';
import { fileVersion } from '../util/file-version.js';
import type { Address } from '../util/address.js';
import { openNats } from './nats.js';
import { studioInPath } from './studio-path.js';

export interface StudiosOptions {
  readonly config: Config;
  /** Starts a simulated studio; the first one is number 1. */
  readonly simulate: (number: number) => Promise<Address>;
}

/** Milliseconds between two looks at the file of studios. */
const POLL_MS = 1000;

/** All studios: connects to them, follows the file of studios, and ends their connections in the end. */
export const studios = fp<StudiosOptions>(
  async (app: FastifyInstance, { config, simulate }: StudiosOptions) => {
    const registry = new Studios();
    app.decorate('studios', registry);
    app.decorateRequest('studioName', {
      getter() {
        return studioInPath(this.raw);
      },
    });
    app.decorateRequest('studio', {
      getter() {
        return registry.find(studioInPath(this.raw), this.principal ?? ANYBODY);
      },
    });
    if (config.edge) await loadEdge(app, config);
    else {
      const roster = new Roster(app, config, simulate);
      await roster.load();
      app.lifecycle.onStart(() => roster.start());
    }
    app.lifecycle.onShutdown('drain', async () => {
      await Promise.all(registry.all.map((each) => each.drain(config.grace * 1000)));
    });
    app.lifecycle.onShutdown('events', () => {
      for (const each of registry.all) each.stopEvents();
    });
    app.lifecycle.onShutdown('jobs', () => {
      for (const each of registry.all) each.close();
    });
  },
  { name: 'studios', dependencies: ['metrics', 'event-hub', 'access', 'lifecycle'] },
);

/** Which studios there are: adds and removes them as the file of studios changes. */
class Roster {
  readonly #app: FastifyInstance;
  readonly #config: Config;
  readonly #simulate: StudiosOptions['simulate'];
  readonly #services: StudioServices;
  /** As they were asked for. */
  #wanted: readonly StudioAddress[] = [];
  #version: string | undefined;
  #isStarted = false;
  #simulated = 0;
  /** The last fault of the file, which is logged once. */
  #told: string | undefined;

  constructor(app: FastifyInstance, config: Config, simulate: StudiosOptions['simulate']) {
    this.#app = app;
    this.#config = config;
    this.#simulate = simulate;
    this.#services = servicesOf(app, config);
  }

  /** @throws Error when the file of studios cannot be read */
  async load(): Promise<void> {
    const { studiosFile: path, studios: configured, defaultStudio } = this.#config;
    this.#version = path === null ? undefined : fileVersion(path);
    const file = path === null ? undefined : readStudiosFile(path);
    const wanted = joined(configured, file?.studios ?? []);
    const name = defaultStudio ?? file?.defaultStudio ?? wanted[0]?.name;
    if (name === undefined || !wanted.some((each) => each.name === name))
      throw new Error(name === undefined ? 'names no studio' : `lacks the default studio ${name}`);
    await this.#change(wanted, name);
  }

  start(): void {
    this.#isStarted = true;
    for (const each of this.#app.studios.all) each.start();
    this.#warnOfTokens();
    if (this.#config.studiosFile === null) return;
    this.#app.lifecycle.every(POLL_MS, () => this.#look(false));
    this.#app.lifecycle.onReload(() => this.#look(true));
  }

  #look(isForced: boolean): void {
    const { studiosFile: path } = this.#config;
    if (path === null || (!isForced && fileVersion(path) === this.#version)) return;
    this.load().then(
      () => (this.#told = undefined),
      (error: unknown) => {
        const { message } = error as Error;
        if (message !== this.#told)
          this.#app.log.error(`the studios stay as they are: --studios-file ${path} ${message}`);
        this.#told = message;
      },
    );
  }

  async #change(wanted: readonly StudioAddress[], defaultName: string): Promise<void> {
    const before = this.#wanted;
    this.#wanted = wanted;
    const isIn = (all: readonly StudioAddress[], { name, address }: StudioAddress): boolean =>
      all.some((each) => each.name === name && isSame(each.address, address));
    const gone = before.filter((each) => !isIn(wanted, each));
    for (const { name } of gone) await this.#remove(name);
    for (const each of wanted) if (!isIn(before, each)) await this.#add(each);
    this.#app.studios.setDefault(defaultName);
  }

  async #add({ name, address }: StudioAddress): Promise<void> {
    const simulated = address === null;
    if (simulated) this.#simulated += 1;
    const place = { name, address: address ?? (await this.#simulate(this.#simulated)), simulated };
    const studio = new Studio(this.#services, place);
    this.#app.studios.add(studio);
    if (!this.#isStarted) return;
    this.#app.log.info({ studio: name }, 'a studio was added');
    studio.start();
  }

  async #remove(name: string): Promise<void> {
    const { studios: registry, hub, metrics, log } = this.#app;
    const studio = registry.get(name);
    if (studio === undefined) return;
    registry.remove(name);
    hub.removeSource(studio.upstream.events, studioNotFound(name, []));
    log.info({ studio: name }, 'a studio was removed');
    await studio.drain(0);
    studio.stopEvents();
    studio.close();
    metrics.removeStudio(name);
  }

  /** A studio of that name may come. */
  #warnOfTokens(): void {
    const unknown = this.#app.access.limits.filter((name) => this.#app.studios.get(name) === undefined);
    for (const name of unknown)
      this.#app.log.warn(`there are tokens for the studio ${name}, and no such studio`);
  }
}

function servicesOf(app: FastifyInstance, config: Config): StudioServices {
  return {
    config,
    hub: app.hub,
    metrics: app.metrics,
    logOf: (studio) => app.log.child({ studio }),
    isStillAuthorized: (principal) => app.access.isStillAuthorized(principal),
  };
}

/** An edge's studios are those that origins tell of. */
async function loadEdge(app: FastifyInstance, config: Config): Promise<void> {
  const roster = new EdgeRoster({
    services: servicesOf(app, config),
    studios: app.studios,
    link: await openNats(config, 'edge', app.log),
    log: app.log,
    names: config.studios.map(({ name }) => name),
    defaultName: config.defaultStudio,
  });
  app.lifecycle.onShutdown('events', () => roster.stop());
  await roster.load();
}

function isSame(a: Address | null, b: Address | null): boolean {
  return a?.host === b?.host && a?.port === b?.port;
}

declare module 'fastify' {
  interface FastifyInstance {
    studios: Studios;
  }

  interface FastifyRequest {
    /** The studio that the path names, which there is; undefined where it names none. */
    readonly studioName: string | undefined;
    /**
     * The studio of the path, or the default one.
     *
     * @throws GatewayError `Studio not found`, `Forbidden`
     */
    readonly studio: AnyStudio;
  }
}
