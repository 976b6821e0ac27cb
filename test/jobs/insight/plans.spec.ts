import { JobInsight, JobType } from '../../../lib/index.js';
import { completionStatement, flowStatement } from '../../../lib/jobs/insight/flow.statements.js';
import { funnelStatement } from '../../../lib/jobs/insight/funnel.statements.js';
import { pendingStatement, stalledStatement, workloadStatement } from '../../../lib/jobs/insight/pending.statements.js';
import { timeToCompleteStatement } from '../../../lib/jobs/insight/time-to-complete.statements.js';
import { jobTableNames } from '../../../lib/jobs/schema/job-table-names.js';
import { JobApplication } from '../../support/job-application.js';
import { fillWithJobs } from './support/many-jobs.js';

@JobType('type.0', { plan: 'plan', step: 1 })
class First {}

@JobType('type.1', { plan: 'plan', step: 2 })
class Second {}

/**
 * INSIGHT_OPEN=1000000 INSIGHT_CLOSED=10000000 npx jest test/jobs/insight/plans.spec.ts
 *
 * fills the table with that many and prints what each figure takes. With KEPT_DATABASE, and TEST_DATABASE_URL for its server, the
 * database is filled by the first run and read again by later ones.
 */
const { INSIGHT_OPEN, INSIGHT_CLOSED, KEPT_DATABASE } = process.env;
const OPEN = Number(INSIGHT_OPEN ?? 100_000);
const CLOSED = Number(INSIGHT_CLOSED ?? 500_000);
const names = jobTableNames();

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

describe('Figures about six hundred thousand jobs', () => {
  let fixture: JobApplication;

  beforeAll(async () => {
    fixture = await JobApplication.start({ providers: [First, Second], keep: KEPT_DATABASE });
    if ((await fixture.rows('select from jobs_job limit 1')).length > 0) return;
    await fillWithJobs(fixture.dataSource, { open: OPEN, closed: CLOSED });
    await fixture.application.context.get(JobInsight, { strict: false }).recount();
    await fixture.rows('vacuum analyze jobs_job');
    await fixture.rows('vacuum analyze jobs_job_tally');
  }, 3_600_000);
  afterAll(() => fixture.close());

  function scansOf(node: PlanNode): readonly PlanNode[] {
    return [...(node['Relation Name'] === undefined ? [] : [node]), ...(node.Plans ?? []).flatMap(scansOf)];
  }

  /** How many rows of each table a statement reads, what it reads and throws away among them. */
  async function reads(
    text: string,
    values: readonly unknown[],
  ): Promise<{ jobs: number; tally: number; whole: string[] }> {
    const [row] = await fixture.rows<{ 'QUERY PLAN': [{ Plan: PlanNode; 'Execution Time': number }] }>(
      `explain (analyze, timing off, format json) ${text}`,
      [0, ...values],
    );
    const scans = scansOf(row!['QUERY PLAN'][0].Plan);
    const rowsOf = (table: string): number =>
      Math.round(
        scans
          .filter((scan) => scan['Relation Name'] === table)
          .reduce(
            // Of several loops PostgreSQL says the mean.
            (sum, scan) => sum + (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)) * scan['Actual Loops'],
            0,
          ),
      );
    return {
      jobs: rowsOf('jobs_job'),
      tally: rowsOf('jobs_job_tally'),
      whole: scans
        .filter((scan) => scan['Node Type'] === 'Seq Scan' && scan['Relation Name'] === 'jobs_job')
        .map((scan) => scan['Node Type']),
    };
  }

  it('read pending jobs for their ages, each at most thrice, and never closed ones', async () => {
    const { jobs, whole } = await reads(pendingStatement(names), [null, null, [3_600_000, 86_400_000]]);
    expect([jobs < 3 * OPEN, whole]).toEqual([true, []]);
  });

  it('read no more of what stalls than a page', async () => {
    const values = [null, null, 30 * 86_400_000, null, null, null, 101];
    expect(await reads(stalledStatement(names), values)).toMatchObject({ jobs: 101, whole: [] });
  });

  it('read no more on the last page either', async () => {
    const since = String((Date.now() - 59 * 86_400_000) * 1_000);
    const { jobs } = await reads(stalledStatement(names), [null, null, 30 * 86_400_000, null, since, '1', 101]);
    expect(jobs).toBe(101);
  });

  it('read what each assignee has to do from pending jobs alone', async () => {
    const { jobs } = await reads(workloadStatement(names), [null, null, null, null, 101]);
    expect(jobs).toBe(OPEN);
  });

  it('read jobs of one type created in a span for their time to complete', async () => {
    const from = new Date(Date.now() - 30 * 86_400_000);
    const [expected] = await fixture.rows<{ count: number }>(
      `select count(*)::int as count from jobs_job where type = 'type.3' and created_at >= $1`,
      [from],
    );
    const { jobs, whole } = await reads(timeToCompleteStatement(names), [['type.3'], null, from, null, 100]);
    expect([jobs, whole]).toEqual([expected!.count, []]);
  });

  it('read jobs of the plan for its funnel', async () => {
    const values = [['type.0', 'type.1'], null, 'plan', null, null, [1, 2]];
    const { jobs } = await reads(funnelStatement(names), values);
    // Of one job in five there is one on each page: among very many PostgreSQL rightly reads the table, once.
    expect([(OPEN + CLOSED) / 5, OPEN + CLOSED]).toContain(Math.round(jobs / 10) * 10);
  });

  it('read weeks from the tally, without any job', async () => {
    const { jobs, tally } = await reads(completionStatement(names), [null, null, 7, 12, 'Europe/Madrid']);
    expect([jobs, tally < (OPEN + CLOSED) / 2]).toEqual([0, true]);
  });

  it('read days from the tally, and count pending jobs once', async () => {
    const { jobs, tally, whole } = await reads(flowStatement(names), [null, null, 30, null, 'Europe/Madrid']);
    expect([jobs, tally < (OPEN + CLOSED) / 2, whole]).toEqual([OPEN, true, []]);
  });

  const printed = INSIGHT_OPEN === undefined ? it.skip : it;
  printed(
    'take this long',
    async () => {
      const insight = fixture.application.context.get(JobInsight, { strict: false });
      const month = { from: new Date(Date.now() - 30 * 86_400_000) };
      const figures: Readonly<Record<string, () => Promise<unknown>>> = {
        pending: () => insight.pending(),
        'pending of a type': () => insight.pending({ types: ['type.1'] }),
        'completion, 12 weeks': () => insight.completion({ timeZone: 'Europe/Madrid' }),
        'timeToComplete, 90 days': () => insight.timeToComplete(),
        'timeToComplete, 30 days of a type': () => insight.timeToComplete({ types: ['type.1'], created: month }),
        'funnel, always': () => insight.funnel('plan'),
        'funnel, 30 days': () => insight.funnel('plan', { created: month }),
        stalled: () => insight.stalled({ olderThan: '7d' }),
        'flow, 30 days': () => insight.flow({ timeZone: 'Europe/Madrid' }),
        'flow, a year': () => insight.flow({ timeZone: 'Europe/Madrid', days: 365 }),
        workload: () => insight.workload(),
      };
      const lines: string[] = [];
      for (const [name, read] of Object.entries(figures)) {
        const times: number[] = [];
        for (let round = 0; round < 3; round++) {
          const before = performance.now();
          await read();
          times.push(performance.now() - before);
        }
        lines.push(
          `${name.padEnd(36)} ${Math.min(...times)
            .toFixed(0)
            .padStart(7)} ms`,
        );
      }
      process.stdout.write(`${OPEN} open, ${CLOSED} closed, best of three\n${lines.join('\n')}\n`);
    },
    3_600_000,
  );
});
