/** `/studios/{studio}/…`: the same routes, of that studio. */
import type { IncomingMessage } from 'node:http';

const named = new WeakMap<IncomingMessage, string>();

/** Takes the studio out of a path, and remembers it. What is behind it is routed as if it had not been there. */
export function withoutStudioPath(request: IncomingMessage): string {
  const { url = '/' } = request;
  if (!url.startsWith('/studios/')) return url;
  const [, studio, rest] = /^\/studios\/([^/?#]+)(\/[^]*)$/.exec(url) ?? [];
  if (studio === undefined || rest === undefined) return url;
  named.set(request, studio);
  return rest;
}

/** The studio that the path named, whether there is one or not. */
export function studioInPath(request: IncomingMessage): string | undefined {
  return named.get(request);
}

/** Empty, or `/studios/<name>`. */
export function studioPathOf(request: IncomingMessage): string {
  const studio = studioInPath(request);
  return studio === undefined ? '' : `/studios/${studio}`;
}
