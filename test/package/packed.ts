import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '../support/access.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

/** The built package as `npm pack` makes it; the caller removes it. */
export function pack(): { readonly tarball: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'rcsp-package-'));
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const name = execFileSync('npm', args, { cwd: PACKAGE_ROOT, encoding: 'utf8' }).trim();
  return { tarball: join(folder, name), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A folder whose `node_modules` holds the packed package, and what this project has installed of its dependencies. */
export function consumer(tarball: string): string {
  const folder = temporaryFolder();
  const modules = join(folder, 'node_modules');
  const own = join(modules, 'rcsp-gateway');
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', own, '--strip-components=1']);
  for (const name of readdirSync(join(PACKAGE_ROOT, 'node_modules')).filter(
    (each) => !each.startsWith('.'),
  )) {
    symlinkSync(join(PACKAGE_ROOT, 'node_modules', name), join(modules, name));
  }
  return folder;
}
