/** What is known of a route is decided once, when it is added, and not for each of its requests. */
import type { onRequestHookHandler, RouteOptions } from 'fastify';

/** Routes of the API need a token, unless they say otherwise; what is around it does not. */
export function isApiPath(url: string): boolean {
  return url.startsWith('/v1/') || url === '/metrics';
}

/** Runs `hook` before the route's other hooks of its own. */
export function prependHook(route: RouteOptions, hook: onRequestHookHandler): void {
  route.onRequest = [hook, ...[route.onRequest ?? []].flat()];
}
