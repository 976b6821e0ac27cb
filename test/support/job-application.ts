import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { JobsModuleOptions } from '../../lib/index.js';
import { JobsService } from '../../lib/jobs/jobs.service.js';
import { TestApplication, type TestApplicationOptions } from './test-application.js';
import { TestDatabase } from './test-database.js';

type EntityClass = abstract new (...args: never[]) => object;

/** What one job left behind. */
export interface JobTraces {
  /** Actions of its history, oldest first. */
  readonly history: readonly string[];
  /** Names of the events that tell of it, oldest first. */
  readonly facts: readonly string[];
}

/** An application with jobs and without a worker, on a database of its own: what it wrote stays to be looked at. */
export class JobApplication {
  private constructor(
    private readonly database: TestDatabase,
    readonly application: TestApplication,
  ) {}

  static async start({
    entities = [],
    jobs = {},
    keep,
    ...options
  }: TestApplicationOptions & {
    readonly entities?: readonly EntityClass[];
    /** Name of a database that stays for later runs. */
    readonly keep?: string | undefined;
  } = {}): Promise<JobApplication> {
    const database = keep === undefined ? await TestDatabase.create() : await TestDatabase.keep(keep);
    try {
      const application = await TestApplication.start(database, {
        typeorm: { poolSize: 30 },
        ...options,
        imports: [TypeOrmModule.forFeature([...entities] as never), ...(options.imports ?? [])],
        jobs: { worker: false, ...jobs },
      });
      return new JobApplication(database, application);
    } catch (error) {
      await database.drop();
      throw error;
    }
  }

  get jobs(): JobsService {
    return this.application.context.get(JobsService, { strict: false });
  }

  get dataSource(): DataSource {
    return this.application.dataSource;
  }

  get url(): string {
    return this.database.url;
  }

  /** Another pool of connections to the same database. */
  otherDataSource(): Promise<DataSource> {
    return this.database.dataSource({ synchronize: false });
  }

  /** Another application on the same database, as another process would be. */
  another(jobs: JobsModuleOptions = {}): Promise<TestApplication> {
    return TestApplication.start(this.database, { typeorm: { synchronize: false }, jobs: { worker: false, ...jobs } });
  }

  count(table: string, condition?: string): Promise<number> {
    return this.application.count(table, condition);
  }

  rows<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return this.dataSource.query<Row[]>(sql, values);
  }

  /** How many jobs, entries of history and events there are. */
  async written(): Promise<{ jobs: number; history: number; events: number }> {
    const [row] = await this.rows<{ jobs: number; history: number; events: number }>(
      `select (select count(*)::int4 from jobs_job) as jobs, (select count(*)::int4 from jobs_job_history) as history,
         (select count(*)::int4 from jobs_event) as events`,
    );
    return row!;
  }

  async tracesOf(id: string): Promise<JobTraces> {
    const history = await this.rows<{ action: string }>(
      'select action from jobs_job_history where job_id = $1 order by id',
      [id],
    );
    const facts = await this.rows<{ name: string }>(
      `select name from jobs_event where payload ->> 'jobId' = $1 order by id`,
      [id],
    );
    return { history: history.map(({ action }) => action), facts: facts.map(({ name }) => name) };
  }

  async clear(): Promise<void> {
    await this.dataSource.query('truncate jobs_job, jobs_job_history, jobs_job_remembered, jobs_event, jobs_delivery');
  }

  async close(): Promise<void> {
    await this.application.close();
    await this.database.drop();
  }
}

/** What nothing written looks like. */
export const NO_JOBS = { jobs: 0, history: 0, events: 0 };
