import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const folder = fileURLToPath(new URL('../results/', import.meta.url));
export const summaryFile = `${folder}summary.json`;

/** The committed results, one for each scenario; none before the first. */
export async function readSummary() {
  return JSON.parse(await readFile(summaryFile, 'utf8').catch(() => '[]'));
}
