/** The fewest columns that take no more rows than `most` of them would; groups stay whole, one beside the other. */
export function columnsFor(groupSizes: readonly number[], most: number): number {
  const least = rowsWith(groupSizes, most);
  let columns = Math.max(1, most);
  while (columns > 1 && rowsWith(groupSizes, columns - 1) === least) columns -= 1;
  return columns;
}

function rowsWith(groupSizes: readonly number[], columns: number): number {
  let rows = 0;
  let height = 0;
  let left = 0;
  for (const size of groupSizes) {
    const span = Math.min(size, columns);
    if (span > left) {
      rows += height;
      [left, height] = [columns, 0];
    }
    left -= span;
    height = Math.max(height, Math.ceil(size / Math.max(span, 1)));
  }
  return rows + height;
}
