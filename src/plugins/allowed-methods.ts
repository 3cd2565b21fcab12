import type { FastifyInstance, RouteOptions } from 'fastify';
import createRouter from 'find-my-way';

/** How paths are matched, here and in Fastify's own router: a base URL may end in a slash, or bring one too many. */
export const ROUTER_OPTIONS = {
  maxParamLength: 500,
  ignoreTrailingSlash: true,
  ignoreDuplicateSlashes: true,
} as const;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Which methods a path takes. Fastify itself only finds a route by its path and method together. */
export class AllowedMethods {
  /** Those that `#router` does not have yet: most gateways are never asked. */
  readonly #routes: Pick<RouteOptions, 'method' | 'url'>[] = [];
  readonly #router = createRouter(ROUTER_OPTIONS);

  /** Learns every route that is added to `app` from now on. */
  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ method, url }) => void this.#routes.push({ method, url }));
  }

  /** The methods of a path, without its query; none for a path that no route has. */
  of(path: string): readonly string[] {
    for (const route of this.#routes.splice(0)) this.#add(route);
    return METHODS.filter((method) => this.#router.find(method, path) !== null);
  }

  #add({ method, url }: Pick<RouteOptions, 'method' | 'url'>): void {
    const methods = METHODS.filter((each) => (Array.isArray(method) ? method : [method]).includes(each));
    for (const each of methods) {
      if (!this.#router.hasRoute(each, url)) this.#router.on(each, url, () => undefined);
    }
  }
}
