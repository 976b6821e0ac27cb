import { markdown, tableOf } from './tables.mjs';

/** Prints what a scenario found. */
export function print(summary) {
  console.log(`\n${markdown(tableOf(summary))}`);
  for (const { name, error } of summary.rows) if (error !== undefined) console.log(`${name}: ${error}`);
  console.log();
}
