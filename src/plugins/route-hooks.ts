/** What is known of a route is decided once, when it is added, and not for each of its requests. */
import type { onRequestHookHandler, RouteOptions } from 'fastify';

/** Routes of the API need a token, unless they say otherwise; what is around it does not. */
export function isApiPath(url: string): boolean {
  return url.startsWith('/v1/') || url === '/metrics';
}

/** Runs `hook` for the route's requests, after the hooks that it has. */
export function addRouteHook(route: RouteOptions, hook: onRequestHookHandler): void {
  route.onRequest = [...[route.onRequest ?? []].flat(), hook];
}
