import assert from 'node:assert/strict';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Job } from '../../jobs/model/job.js';
import type { JobRequestInput, JobSubject, RequestedRecord } from '../../jobs/store/job-store.port.js';
import type { JobTransitionName } from '../../jobs/store/job-transitions.js';
import type { StorageFixture } from './storage-fixture.js';

/** The jobs of one matter. */
export const ADA: JobSubject = { tenant: '', type: 'account.verify', targetType: 'Account', targetId: '7' };

/** A request about Ada, with whatever else is to be said of it. */
export function input(given: Partial<JobRequestInput> = {}): JobRequestInput {
  return {
    ...ADA,
    ...{ typeVersion: 1, key: '', assignee: null, candidates: [], priority: 0, plan: null, step: null },
    ...{ metadata: {}, tags: [], uniqueness: 'open', onRepeat: 'keep' },
    ...given,
  };
}

/** Requests a job. */
export function requested(
  { jobs, connection }: Pick<StorageFixture, 'jobs' | 'connection'>,
  given: Partial<JobRequestInput> = {},
  actor = 'user:1',
): Promise<RequestedRecord> {
  return jobs.request(connection, input(given), actor, null);
}

/** Changes a job; `undefined` where it may not be changed so. */
export async function changed(
  { jobs }: StorageFixture,
  connection: EngineConnection,
  transition: JobTransitionName,
  { id }: Pick<Job, 'id'>,
  said: Readonly<Record<string, unknown>> = {},
  actor = 'user:2',
): Promise<Job | undefined> {
  const selector = { ids: [id] };
  return (await jobs.change(connection, { transition, selector, actor, input: said, note: null }))[0];
}

/** How a job is completed. */
export const DONE = { closeReason: 'done', outcome: null } as const;

/** A job as it is. */
export async function found({ jobs, connection }: StorageFixture, { id }: Pick<Job, 'id'>): Promise<Job> {
  const [job] = await jobs.findByIds(connection, [id]);
  assert(job !== undefined, `job ${id} is gone`);
  return job;
}

/** What was done to a job, and by whom. */
export async function actions(
  { jobs, connection }: StorageFixture,
  { id }: Pick<Job, 'id'>,
): Promise<readonly string[]> {
  const page = { what: 'history', order: 'oldest', after: null, limit: 100 } as const;
  return (await jobs.history(connection, id, page)).map(({ action, actor }) => `${action} by ${actor}`);
}
