import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readOptions, USAGE } from './chaos-options.js';
import { ChaosRun } from './chaos-run.js';
import { monotonic } from './history/monotonic.js';
import { faults } from './nemesis/faults.js';
import { LAST_RUN, updatePage } from './report/reliability-page.js';
import { describeReport, type Report, reportOf } from './report/report.js';
import { longWorkloads } from './workload/workloads.js';

// `npm run test:chaos`: see test/chaos/chaos-options.ts for what can be said.

const POOL = 10;
const POLL = 2_000;
const SHUTDOWN_GRACE = 5_000;
const DRAINED_WITHIN = 600_000;
/** Violations of one rule that are printed. */
const SHOWN = 10;
const STUCK_AFTER = 100_000;

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(USAGE);
    return;
  }
  const options = readOptions(args);
  console.log(
    `Seed ${options.seed}: ${options.processes} workers, ${options.emitters} emitters, ${options.minutes} minutes of faults.`,
  );
  const result = await ChaosRun.run(
    {
      code: resolve(__dirname, '../..'),
      workers: options.processes,
      emitters: options.emitters,
      deployment: 'full',
      workloads: longWorkloads.map(({ name }) => name),
      seed: options.seed,
      rate: options.rate,
      poolSize: POOL,
      pollInterval: POLL,
      shutdownGrace: SHUTDOWN_GRACE,
      timings: {},
      drainedWithin: DRAINED_WITHIN,
      stuckAfter: STUCK_AFTER,
      keep: options.keep,
    },
    (_field, nemesis) => nemesis.rage(faults, monotonic() + options.minutes * 60_000),
  );
  const report = reportOf(result, options, new Date());
  console.log(describeReport(report));
  for (const { rule, violations } of result.broken)
    console.log(`${rule}:\n  ${violations.slice(0, SHOWN).join('\n  ')}`);
  if (options.keep || result.broken.length > 0) console.log(`The history is in ${result.folder}.`);
  if (options.report !== undefined) keep(report, resolve(options.report));
  if (result.broken.length > 0) process.exitCode = 1;
}

/** The last long run is told of in RELIABILITY.md. */
function keep(report: Report, file: string): void {
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  if (file === LAST_RUN) updatePage();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
