/** Which studio a page is of: `/studios/<name>/` in its path, or the default one. */

/** The studio whose page is loaded; undefined for the default one's. */
export function studioInPath(base: string): string | undefined {
  return /\/studios\/([^/]+)\/$/.exec(new URL('.', base).pathname)?.[1];
}

/** The page of another studio, below the same proxy. */
export function studioHref(base: string, name: string): string {
  const root = new URL('.', base).pathname.replace(/studios\/[^/]+\/$/, '');
  return `${root}studios/${encodeURIComponent(name)}/#/`;
}

/** A colour of its own for each name, in degrees. */
export function studioHue(name: string): number {
  let hash = 0;
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 3600;
  return (hash * 137.5) % 360;
}

/** The name under which something of this studio is kept: devices of several studios have the same ids. */
export function studioKey(key: string): string {
  const studio = studioInPath(document.baseURI);
  return studio === undefined ? key : `${key}@${studio}`;
}
