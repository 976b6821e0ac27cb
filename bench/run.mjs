// npm run bench [-- scenario …] [--repeats n] [--quick] [--against folder] [--summary]
// Everything runs on one server, and each repeat runs every row once, so that what the machine does meanwhile hits all alike.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { nodeForActors } from './harness/actor.mjs';
import { print, summarise } from './harness/report.mjs';
import { startServer } from './harness/server.mjs';
import { scenarios } from './scenarios/index.mjs';
import { against } from './systems/index.mjs';

const { values: options, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    against: { type: 'string' },
    summary: { type: 'boolean', default: false },
  },
});
const unknown = asked.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(`No scenario ${unknown.join(', ')}. There are: ${scenarios.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}

const startedAt = new Date().toISOString();
const server = await startServer();
const results = [];
try {
  for (const scenario of scenarios.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
    const summary = await measure(scenario);
    print(summary);
    results.push(summary);
    // What was measured stays measured when a later scenario fails.
    await write(results);
  }
} finally {
  await server.stop();
}

async function measure(scenario) {
  const others = options.against === undefined ? [] : [against(options.against)];
  const rows = scenario
    .rows({ others, quick: options.quick })
    .filter(({ name }) => options.only === undefined || new RegExp(options.only).test(name))
    .map((row) => ({ ...row, measured: [] }));
  const repeats = Number(options.repeats ?? (options.quick ? 1 : scenario.repeats));
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    const round = new Map();
    // Turned round each time: whoever runs first or after whom must not make a difference.
    for (const row of repeat % 2 === 1 ? rows : rows.toReversed()) {
      process.stderr.write(`${scenario.name} ${repeat}/${repeats}: ${row.name}\n`);
      round.set(row.name, await row.measure(server));
    }
    scenario.complete?.(round);
    for (const row of rows) row.measured.push(round.get(row.name));
  }
  return summarise(scenario, rows);
}

async function write(scenarioResults) {
  const folder = fileURLToPath(new URL('./results/', import.meta.url));
  const report = {
    at: startedAt,
    machine: { cpus: cpus().length, model: cpus()[0]?.model.trim(), platform: process.platform },
    node: execFileSync(nodeForActors, ['--version'], { encoding: 'utf8' }).trim(),
    postgres: server.version,
    results: scenarioResults,
  };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}${report.at.replaceAll(':', '-')}.json`, text);
  if (options.summary) await summariseInto(`${folder}summary.json`, report);
}

/** Scenarios that were not run keep the result they had, with the time and machine it was measured on. */
async function summariseInto(file, { results: measured, ...run }) {
  const known = JSON.parse(await readFile(file, 'utf8').catch(() => '[]'));
  const fresh = measured.map((result) => ({ ...result, run }));
  const kept = known.filter((result) => !fresh.some(({ scenario }) => scenario === result.scenario));
  const order = scenarios.map(({ name }) => name);
  const all = [...kept, ...fresh].sort((a, b) => order.indexOf(a.scenario) - order.indexOf(b.scenario));
  await writeFile(file, `${JSON.stringify(all, null, 2)}\n`);
}
