// npm run bench [-- scenario …] [--quick | --long] [--repeats n] [--only pattern] [--against folder] [--minutes n] [--summary] [--profile] [--list]
// Everything runs on one server, and each repeat runs every row once, so that what the machine does meanwhile hits all alike.
import { parseArgs } from 'node:util';

import { Report } from './harness/report.mjs';
import { measureScenario } from './harness/measure.mjs';
import { profileInto } from './harness/profiling.mjs';
import { startServer } from './harness/server.mjs';
import { printGoals } from './report/goals.table.mjs';
import { folder } from './report/summary.mjs';
import { print } from './report/text.mjs';
import { scenarios } from './scenarios/index.mjs';
import { against, missing } from './systems/index.mjs';

const { values: options, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    against: { type: 'string' },
    summary: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    profile: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
if (options.list) {
  for (const { name, title } of scenarios) console.log(`${name.padEnd(24)}${title}`);
  process.exit();
}
const unknown = asked.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  console.error(`No scenario ${unknown.join(', ')}. There are: ${scenarios.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}

if (options.profile) await profileInto(`${folder}profiles`);
for (const left of missing()) console.error(`Left out: ${left}.`);
const startedAt = performance.now();
const server = await startServer();
// A whole run is what is shown; a part of one when asked.
const part = options.quick || options.profile || options.only !== undefined || options.against !== undefined;
const whole = asked.length === 0 && !part;
const report = new Report({
  postgres: server.version,
  missing: missing(),
  summary: (options.summary || whole) && !options.profile,
});
const all = options.quick || options.long;
const chosen = scenarios.filter(({ name, long }) => (asked.length === 0 ? all || !long : asked.includes(name)));
// Of a whole run of the usual size. When much of it is gone, scenarios are measured once; when all of it is, those left are left out.
const minutes = Number(options.minutes ?? (whole && !options.long ? 45 : Infinity));
const passed = () => (performance.now() - startedAt) / 60_000;
let failed = 0;
try {
  for (const [index, scenario] of chosen.entries()) {
    process.stderr.write(`${scenario.name} (${index + 1} of ${chosen.length}), after ${passed().toFixed(1)} minutes\n`);
    if (passed() > minutes) {
      console.error(`Left out, as ${minutes} minutes are over: ${scenario.name}.`);
      continue;
    }
    const summary = await measured(server, scenario, {
      profile: options.quick ? 'quick' : options.long ? 'long' : 'usual',
      repeats: options.repeats && Number(options.repeats),
      only: options.only && new RegExp(options.only),
      others: options.against === undefined ? [] : [against(options.against)],
      hurry: passed() > 0.6 * minutes,
      progress: (text) => process.stderr.write(`  ${text}\n`),
    });
    if (summary === undefined) continue;
    failed += summary.rows.filter(({ error }) => error !== undefined).length;
    print(summary);
    // What was measured stays measured when a later scenario fails.
    await report.add(summary);
  }
} finally {
  await server.stop();
}
printGoals(report.results);

if (failed > 0) {
  console.error(`${failed} rows could not be measured; each says why in the report.`);
  process.exitCode = 1;
}

/** One that cannot be measured at all keeps no other back. */
async function measured(...parts) {
  try {
    return await measureScenario(...parts);
  } catch (error) {
    console.error(error);
    failed += 1;
    return undefined;
  }
}
