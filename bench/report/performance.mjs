// node bench/report/performance.mjs [--check]: puts the committed results into PERFORMANCE.md, between its marks, and draws its charts; or
// says what of it is not as the results are.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { chart } from './charts.mjs';
import { goalsTable } from './goals.table.mjs';
import { shown } from './shown.mjs';
import { folder, readSummary } from './summary.mjs';
import { figuresOf, markdown, tableOf } from './tables.mjs';

const page = fileURLToPath(new URL('../../PERFORMANCE.md', import.meta.url));
const MARKED = /<!-- (goals|runs|table [\w-]+) -->[\s\S]*?<!-- end -->/g;

/** Writes page and charts from the summary. */
export async function writePerformance() {
  for (const [file, text] of await expected(await readSummary())) await writeFile(file, text);
}

/** Files that are not as the committed results say. */
export async function outdated() {
  return outdatedBy(await readSummary());
}

/** Files that are not as the given results say. */
export async function outdatedBy(results) {
  const files = [];
  for (const [file, text] of await expected(results)) {
    if ((await readFile(file, 'utf8').catch(() => '')) !== text) files.push(file);
  }
  return files;
}

/** Every file that is made of results, with its text. */
async function expected(results) {
  const text = await readFile(page, 'utf8');
  const filled = text.replaceAll(MARKED, (_, what) => `<!-- ${what} -->\n\n${section(what, results)}\n\n<!-- end -->`);
  const charts = results.flatMap((result) => {
    const { chart: figure } = shown[result.scenario] ?? {};
    return figure === undefined ? [] : [[`${folder}${result.scenario}.svg`, chart(result, figure)]];
  });
  return [[page, filled], ...charts];
}

function section(what, results) {
  if (results.length === 0) return 'Not measured yet.';
  if (what === 'goals') return markdown([['goal', 'limit', 'reached', 'so'], ...goalsTable(results)]);
  if (what === 'runs') return runs(results);
  const name = what.slice('table '.length);
  const result = results.find(({ scenario }) => scenario === name);
  if (result === undefined) return 'Not measured yet.';
  const { columns = figuresOf(result), chart: figure } = shown[name] ?? {};
  const there = columns.filter((column) => result.rows.some(({ figures }) => figures[column] !== undefined));
  return [
    markdown(tableOf(result, there)),
    ...result.rows.flatMap(({ name: row, error }) =>
      error === undefined ? [] : [`\n\`${row}: ${error.replaceAll('`', "'")}\``],
    ),
    ...(figure === undefined ? [] : [`\n![${result.title}](bench/results/${name}.svg)`]),
  ].join('\n');
}

/** What was measured when, and on what. */
function runs(results) {
  const lines = new Map();
  for (const { scenario, profile, rows, run } of results) {
    const { machine, node, postgres, missing } = run;
    const line = [
      run.at.slice(0, 16).replace('T', ' '),
      `${machine.cpus} × ${machine.model}`,
      `Node ${node.slice(1)}, PostgreSQL ${postgres}`,
      profile,
      missing.join('; ') || 'nothing',
    ];
    const known = lines.get(line.join()) ?? { line, scenarios: [], foreign: [] };
    known.scenarios.push(scenario);
    known.foreign.push(...rows.flatMap(({ figures }) => figures.foreign?.median ?? []));
    lines.set(line.join(), known);
  }
  return markdown([
    ['scenarios', 'begun (UTC)', 'machine', 'with', 'profile', 'left out', 'of the machine used by others'],
    ...[...lines.values()].map(({ line, scenarios, foreign }) => [
      scenarios.join(', '),
      ...line,
      foreign.length === 0 ? '-' : `${Math.round((100 * foreign.reduce((a, b) => a + b, 0)) / foreign.length)} %`,
    ]),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--check')) {
    const files = await outdated();
    if (files.length > 0) {
      console.error(`Not as bench/results/summary.json says; run npm run bench:report: ${files.join(', ')}`);
      process.exitCode = 1;
    }
  } else {
    await writePerformance();
  }
}
