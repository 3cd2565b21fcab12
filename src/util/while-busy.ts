import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds between two looks. */
const EVERY_MS = 10;

/** Resolves when `isBusy` is false, after `ms` milliseconds at the latest. For a start or an end, not for each request. */
export async function whileBusy(isBusy: () => boolean, ms: number): Promise<void> {
  const endsAt = performance.now() + ms;
  while (isBusy() && performance.now() < endsAt) await delay(EVERY_MS);
}
