import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mutants } from '../mutants/mutants.js';
import { faults as knownFaults } from '../nemesis/faults.js';
import { markdownTable } from './markdown-table.js';
import { withPart } from './page-part.js';
import type { Report } from './report.js';

const root = resolve(__dirname, __dirname.includes('.build') ? '../../../..' : '../../..');

/** The last long run, as `npm run test:chaos -- --report` wrote it. */
export const LAST_RUN = join(root, 'test/chaos/last-run.json');
export const PAGE = join(root, 'RELIABILITY.md');

const number = new Intl.NumberFormat('en-GB');
const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;

export function readLastRun(): Report {
  return JSON.parse(readFileSync(LAST_RUN, 'utf8')) as Report;
}

/** Puts the figures of a run, and the list of planted bugs, where the page has them. */
export function pageWith(page: string, report: Report): string {
  return withPart(withPart(page, 'run', lastRun(report)), 'mutants', plantedBugs());
}

/** Brings the page up to date with the last run. */
export function updatePage(): void {
  writeFileSync(PAGE, pageWith(readFileSync(PAGE, 'utf8'), readLastRun()));
}

function lastRun(report: Report): string {
  const { processes, emissions, jobs, recovery, faults } = report;
  const broken = report.rules.filter(({ violations }) => violations > 0);
  const figures = markdownTable(
    ['what', 'how much'],
    [
      ['date', report.date.slice(0, 10)],
      ['seed', String(report.seed)],
      ['faults for', `${report.minutes} minutes`],
      ['working processes; emitting ones', `${report.workers}; ${report.emitters}`],
      ['PostgreSQL; Node', `${report.server}; ${report.node}`],
      [
        'processes started; ended by SIGKILL',
        `${number.format(processes.started)}; ${number.format(processes.killed)}`,
      ],
      ['workers declared dead', number.format(processes.declaredDead)],
      [
        'emissions committed; rolled back or never finished',
        `${number.format(emissions.committed)}; ${number.format(emissions.rolledBack)}`,
      ],
      ['committed without the emitter being told', number.format(emissions.unknownToTheEmitter)],
      [
        'deliveries; runs; effects',
        [report.deliveries, report.runs, report.effects].map((each) => number.format(each)).join('; '),
      ],
      [
        'failures; interruptions; dead letters, all of them planned',
        [report.failures, report.interruptions, report.deadLetters].map((each) => number.format(each)).join('; '),
      ],
      ['jobs completed; expired', `${number.format(jobs.completed)}; ${number.format(jobs.expired)}`],
      ['deliveries taken over from processes that had ended', number.format(recovery.deliveries)],
      [
        'from that end to the next claim: median; 95 %; longest',
        [recovery.median, recovery.p95, recovery.longest].map(seconds).join('; '),
      ],
      ['everything worked off after the last fault', `${report.drainSeconds} s`],
      ['rules judged; broken', `${report.rules.length}; ${broken.length}`],
    ],
  );
  const strikes = markdownTable(
    ['fault', 'times'],
    faultNames().map((fault) => [fault, number.format(faults[fault] ?? 0)]),
  );
  return `${figures}\n\n${strikes}`;
}

/** Names do not depend on what a fault is made with. */
function faultNames(): readonly string[] {
  return knownFaults.map(({ create }) => new create(undefined as never, undefined as never).name).sort();
}

function plantedBugs(): string {
  return markdownTable(
    ['planted bug', 'provoked when', 'found by the rule'],
    mutants.map(({ name, scenario, caughtBy }) => [name, scenario.name, caughtBy.join(', or ')]),
  );
}
