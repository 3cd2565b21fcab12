/** Bounds of the wait between two attempts to connect, in milliseconds. */
export const MIN_DELAY_MS = 200;
export const MAX_DELAY_MS = 10_000;

/**
 * Milliseconds to wait before attempt number `attempt` (0 is the first repetition): doubling, with the upper
 * half drawn by `random` so that gateways that lost the same studio do not come back in step.
 */
export function backoffDelay(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(MAX_DELAY_MS, MIN_DELAY_MS * 2 ** Math.min(attempt, 16));
  return Math.max(MIN_DELAY_MS, Math.round(ceiling / 2 + (random() * ceiling) / 2));
}
