/** Levels of arrays and objects in what a client sends. Some thousand can be read and no longer be written. */
export const MAX_DEPTH = 100;

export function isTooDeep(value: unknown, left = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((each) => isTooDeep(each, left - 1));
}
