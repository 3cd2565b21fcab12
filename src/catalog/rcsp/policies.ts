/** The few policies that commands have, each under one name. */
import type { Policy, Scope } from '../define.js';

const QUICK_MS = 5_000;

/** Milliseconds granted to commands that keep a device busy, generous beside what they usually take. */
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

/** Asks and changes nothing. */
export function read(scope: Scope = 'read'): Policy {
  return { scope, lane: 'quick', timeoutMs: QUICK_MS, repeatable: true };
}

/** Changes something and is done at once. */
export function write(scope: Scope = 'control'): Policy {
  return { scope, lane: 'quick', timeoutMs: QUICK_MS, repeatable: false };
}

/** Changes nothing, but takes its time. */
export function slowRead(timeoutMs: number): Policy {
  return { scope: 'read', lane: 'slow', timeoutMs, repeatable: true };
}

/** Keeps a device busy for a while. */
export function slow(timeoutMs: number, scope: Scope = 'control'): Policy {
  return { scope, lane: 'slow', timeoutMs, repeatable: false };
}

/** Writes firmware. */
export function update(): Policy {
  return { ...slow(TIMEOUT_MS.firmware, 'admin'), isJob: true };
}

/** Changes what the gateway is subscribed to, for all of its clients: shared state, hence no mere read. */
export function subscription(): Policy {
  return { scope: 'control', lane: 'events', timeoutMs: QUICK_MS, repeatable: false };
}
