/** What is known of a route is decided once, when it is added, and not for each of its requests. */
import type { FastifyRequest, onRequestHookHandler, RouteOptions } from 'fastify';

/** Routes of the API need a token, unless they say otherwise; what is around it does not. */
export function isApiPath(url: string): boolean {
  return url.startsWith('/v1/') || url === '/metrics';
}

/** A decorator of a request that few requests ever set: the others have no place for it, and take less time to make. */
export function rarelySet<T>(usual: T): {
  getter: (this: FastifyRequest) => T;
  setter: (this: FastifyRequest, value: T) => void;
} {
  const values = new WeakMap<FastifyRequest, T>();
  return {
    getter() {
      const value = values.get(this);
      return value === undefined ? usual : value;
    },
    setter(value) {
      values.set(this, value);
    },
  };
}

/** Runs `hook` for the route's requests, after the hooks that it has. */
export function addRouteHook(route: RouteOptions, hook: onRequestHookHandler): void {
  route.onRequest = [...[route.onRequest ?? []].flat(), hook];
}
