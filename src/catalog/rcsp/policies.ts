/** The policies of commands. */
import type { Policy, Scope } from '../define.js';

const QUICK_MS = 5_000;

/** Timeouts of commands that keep a device busy, in milliseconds; several times their usual duration. */
export const TIMEOUT_MS = {
  reinitAlgo: 15_000,
  sensorBus: 20_000,
  scan: 30_000,
  pose: 30_000,
  selfTest: 60_000,
  postProcess: 60_000,
  wifiStart: 60_000,
  firmware: 600_000,
} as const;

/** Whether a command may change something. */
export function isWrite({ repeatable }: Policy): boolean {
  return !repeatable;
}

/** A quick read. */
export function read(scope: Scope = 'read'): Policy {
  return { scope, lane: 'quick', timeoutMs: QUICK_MS, repeatable: true };
}

/** A quick write. */
export function write(scope: Scope = 'control'): Policy {
  return { scope, lane: 'quick', timeoutMs: QUICK_MS, repeatable: false };
}

/** A slow read. */
export function slowRead(timeoutMs: number): Policy {
  return { scope: 'read', lane: 'slow', timeoutMs, repeatable: true };
}

/** A write that keeps a device busy. */
export function slow(timeoutMs: number, scope: Scope = 'control'): Policy {
  return { scope, lane: 'slow', timeoutMs, repeatable: false };
}

/** Writes firmware. */
export function update(): Policy {
  return { ...slow(TIMEOUT_MS.firmware, 'admin'), isJob: true };
}

/** Changes the gateway's subscriptions, which all clients share: needs more than `read`. */
export function subscription(): Policy {
  return { scope: 'control', lane: 'events', timeoutMs: QUICK_MS, repeatable: false };
}
