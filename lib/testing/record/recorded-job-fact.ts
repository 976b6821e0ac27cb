import type { JobFact, JobFactName } from '../../jobs/facts/job-fact.js';

/**
 * Something that happened to a job, in a transaction which has committed.
 *
 * @publicApi
 */
export interface RecordedJobFact extends JobFact {
  /** What happened, such as `requested` or `completed`. */
  readonly fact: JobFactName;
  readonly tenant: string | null;
}
