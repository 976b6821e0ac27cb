import type { Job } from '../model/job.js';
import type { JobTypeClass } from '../types/job-type-class.js';
import { type JobChanges, keyOf } from './job-changes.js';
import { JobChecks } from './job-checks.js';
import { SUBJECT_OPTIONS } from './job-option-names.js';
import type { ChangeOptions, SubjectOptions } from './job-options.interface.js';

type ReadOptions = Pick<ChangeOptions, 'manager'>;

/** Finds jobs by what is known of them, and what they are about. */
export class JobLookup {
  constructor(private readonly changes: JobChanges) {}

  /** The job of an id; `null` when there is none. */
  async find(id: string, options: ReadOptions): Promise<Job | null> {
    new JobChecks('find').options(options, ['manager']);
    return this.changes.reading(options, async (connection) => (await this.changes.find(connection, id)) ?? null);
  }

  /** The pending jobs of a type and target. */
  async findPending(type: JobTypeClass, options: SubjectOptions & ReadOptions): Promise<Job[]> {
    new JobChecks('findPending').options(options, ['manager', ...SUBJECT_OPTIONS]);
    const subject = this.changes.subjectOf(this.changes.types.get(type), options);
    return this.changes.reading(options, (connection) =>
      this.changes.store.findPending(connection, subject, keyOf(options) ?? null),
    );
  }

  /** The entity a job is about; `null` when it is gone. */
  async resolveTarget(job: Job, options: ReadOptions): Promise<object | null> {
    const checks = new JobChecks('resolveTarget');
    checks.options(options, ['manager']);
    return this.changes.targets.resolve(aboutSomething(checks, 'job', job), options.manager);
  }

  /** The entities several jobs are about, by job id; `null` for those that are gone. */
  async resolveTargets(jobs: readonly Job[], options: ReadOptions): Promise<Map<string, object | null>> {
    const checks = new JobChecks('resolveTargets');
    checks.options(options, ['manager']);
    const list = checks.items('jobs', jobs, Infinity, 'a list of jobs');
    const known = list.map((job, index) => aboutSomething(checks, `jobs[${index}]`, job));
    return this.changes.targets.resolveMany(known, options.manager);
  }
}

/** A job as far as it says what it is about. */
function aboutSomething(checks: JobChecks, option: string, job: unknown): Job {
  const given = checks.record(option, job, 'a job');
  for (const field of ['id', 'targetType', 'targetId']) {
    if (typeof given[field] !== 'string') throw checks.invalid(`${option}.${field}`, 'that of a job', given[field]);
  }
  return job as Job;
}
