/** What spreadsheets take for the beginning of a formula, however they are set. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/**
 * One line of comma-separated values.
 *
 * Texts are always quoted, so that no cell begins where a spreadsheet of another country separates; one that would begin a formula gets
 * an apostrophe in front, which spreadsheets take for "this is text".
 */
export function csvLine(values: readonly (string | number | null)[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return `"${(FORMULA.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;
}
