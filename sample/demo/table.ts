const WIDTHS = [41, 41, 38, 38];
const GAP = '  ';

/** A line of the demo's table. */
export function tableRow(cells: readonly string[]): string {
  return cells
    .map((cell, column) => cell.padEnd(WIDTHS[column] ?? 0))
    .join(GAP)
    .trimEnd();
}

/** The line under the heads of the first `columns` columns. */
export function tableRule(columns: number): string {
  return tableRow(WIDTHS.slice(0, columns).map((width) => '-'.repeat(width)));
}
