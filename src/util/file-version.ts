import { statSync } from 'node:fs';

/** Another text when the file is another one, is gone, or cannot be looked at. Never throws. */
export function fileVersion(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? 'gone' : [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(' ');
  } catch (error) {
    return String(error);
  }
}
