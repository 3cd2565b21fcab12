import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json, whether this runs from the sources or from what was built. */
export const PACKAGE_ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The gateway's own version. */
export const VERSION = versionIn(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8'));

/** Without zod, which `--version` and `call` need for nothing else. */
function versionIn(text: string): string {
  const content: unknown = JSON.parse(text);
  if (typeof content === 'object' && content !== null && 'version' in content)
    if (typeof content.version === 'string') return content.version;
  throw new Error('package.json names no version');
}

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('package.json was not found above the program');
  return findRoot(parent);
}
