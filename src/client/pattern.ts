import type { Mode } from './types.js';

/** Whether a channel is one of those that a pattern stands for: `*` is one whole level, but not the gateway's own. */
export function matches(pattern: string, channel: string): boolean {
  if (pattern === channel) return true;
  const names = channel.split('/');
  const levels = pattern.split('/');
  return (
    levels.length === names.length &&
    levels.every((level, i) => level === names[i] || (level === '*' && !(i === 0 && channel.startsWith('$'))))
  );
}

/** The larger, the more a mode gives. */
export function generosity(mode: Mode): number {
  if (mode === 'all') return Infinity;
  return mode === 'latest' ? Number.MAX_VALUE : mode.maxRateHz;
}

/** Whether a place, `<epoch>:<seq>`, is known to lie before or at another; of different epochs nobody knows. */
export function isSeen(cursor: string, newest: string | undefined): boolean {
  if (newest === undefined) return false;
  const [epoch, seq] = split(cursor);
  const [newestEpoch, newestSeq] = split(newest);
  return epoch === newestEpoch && seq <= newestSeq;
}

/** The place after this one. */
export function after(cursor: string): string {
  const [epoch, seq] = split(cursor);
  return `${epoch}:${seq + 1}`;
}

function split(cursor: string): [epoch: string, seq: number] {
  const at = cursor.lastIndexOf(':');
  return [cursor.slice(0, at), Number(cursor.slice(at + 1))];
}
