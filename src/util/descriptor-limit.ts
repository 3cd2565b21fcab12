import { readFileSync } from 'node:fs';

/** File descriptors kept for what is no client: upstreams, files and the process itself. */
const RESERVED = 128;

export interface DescriptorLimit {
  /** What the process may have open. */
  readonly files: number;
  /** What clients may have of it. */
  readonly connections: number;
}

/** By the soft limit of open files; undefined where it is not known (only Linux tells it). */
export function descriptorLimit(): DescriptorLimit | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    if (soft === undefined) return undefined;
    const files = Number(soft);
    return { files, connections: Math.max(files - RESERVED, Math.floor(files / 2)) };
  } catch {
    return undefined;
  }
}
