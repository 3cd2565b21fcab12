/** A card is a little higher than wide. */
const ASPECT = 1.15;

/** The number of columns with which `count` cards become largest in the room that there is. */
export function bestColumns(count: number, width: number, height: number): number {
  let best = 1;
  let bestSize = 0;
  for (let columns = 1; columns <= count; columns += 1) {
    const size = Math.min(width / columns, height / Math.ceil(count / columns) / ASPECT);
    if (size > bestSize) [best, bestSize] = [columns, size];
  }
  return best;
}
