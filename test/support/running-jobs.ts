import { type Job, JobsService, JobSweeps, type JobsModuleOptions } from '../../lib/index.js';
import { TestApplication, type TestApplicationOptions } from './test-application.js';
import { TestDatabase } from './test-database.js';

/** A job as its table has it. */
export interface JobRecord {
  readonly id: string;
  readonly status: Job['status'];
  readonly close_reason: Job['closeReason'];
  readonly outcome: string | null;
  readonly closed_by: string | null;
  readonly created_by: string | null;
}

/** An application with a worker that provides types of job, on a database of its own, whose time can be moved. */
export class RunningJobs {
  private constructor(
    readonly database: TestDatabase,
    readonly application: TestApplication,
    readonly clock: { offset: number },
  ) {}

  static async start(options: TestApplicationOptions, jobs: JobsModuleOptions = {}): Promise<RunningJobs> {
    const database = await TestDatabase.create();
    const clock = { offset: 0 };
    try {
      const application = await TestApplication.start(database, {
        ...options,
        jobs: { clock, sweep: false, worker: { pollInterval: 50 }, ...jobs },
      });
      return new RunningJobs(database, application, clock);
    } catch (error) {
      await database.drop();
      throw error;
    }
  }

  get jobs(): JobsService {
    return this.application.context.get(JobsService, { strict: false });
  }

  get sweeps(): JobSweeps {
    return this.application.context.get(JobSweeps, { strict: false });
  }

  /** Jobs of a target, the oldest first. */
  async of(targetId: string): Promise<JobRecord[]> {
    return this.rows<JobRecord>(
      `select id::text, status, close_reason, outcome, closed_by, created_by from jobs_job where target_id = $1 order by id`,
      [targetId],
    );
  }

  /** What the history tells of a job, the oldest first. */
  async history(jobId: string): Promise<{ action: string; actor: string }[]> {
    return this.rows('select action, actor from jobs_job_history where job_id = $1 order by id', [jobId]);
  }

  /** Delivers an event once more to its receivers, as a replay does, and waits until that is done. */
  async redeliver(eventId: string): Promise<void> {
    await this.rows(
      `insert into jobs_delivery (event_id, receiver, version, priority)
       select id, unnest(receivers), version, 4 from jobs_event where id = $1`,
      [eventId],
    );
    await this.application.drained();
    const refused = await this.application.count('jobs_dead_letter');
    if (refused > 0) throw new Error('The redelivered event was not handled.');
  }

  rows<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return this.application.dataSource.query<Row[]>(sql, values);
  }

  async reset(): Promise<void> {
    await this.application.drained();
    this.clock.offset = 0;
    await this.rows('truncate jobs_job, jobs_job_history, jobs_job_remembered, jobs_dead_letter');
  }

  async close(): Promise<void> {
    await this.application.close();
    await this.database.drop();
  }
}
