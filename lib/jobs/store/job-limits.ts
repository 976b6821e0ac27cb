import { JobsError } from '../../errors/jobs.error.js';
import type { Job } from '../model/job.js';
import { JOB_JSON_LIMIT, JOB_LIMIT_CHECKS, JOB_TAG_LIMIT } from '../schema/job-entities.js';

const TOO_MANY_TAGS = `tags: the job would have more than the ${JOB_TAG_LIMIT} tags allowed; remove some first.`;

const TOO_MUCH: Readonly<Record<string, string>> = {
  [JOB_LIMIT_CHECKS.metadata]: tooLarge('metadata'),
  [JOB_LIMIT_CHECKS.result]: tooLarge('result'),
  [JOB_LIMIT_CHECKS.tags]: TOO_MANY_TAGS,
};

/**
 * Says in words what the tables refused.
 *
 * @throws JobsError when a job would become too large.
 */
export async function withinLimits<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer;
  } catch (error) {
    const problem = TOO_MUCH[constraintOf(error)];
    if (problem === undefined) throw error;
    throw new JobsError(problem, { cause: error });
  }
}

/**
 * Refuses what the tables would refuse.
 *
 * @throws JobsError when the job is too large.
 */
export function assertJobLimits({ metadata, result, tags }: Job): void {
  if (bytesOf(metadata) > JOB_JSON_LIMIT) throw new JobsError(tooLarge('metadata'));
  if (result !== null && bytesOf(result) > JOB_JSON_LIMIT) throw new JobsError(tooLarge('result'));
  if (tags.length > JOB_TAG_LIMIT) throw new JobsError(TOO_MANY_TAGS);
}

/** As PostgreSQL writes it: with a space behind each colon and comma. */
function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value, null, 1).replaceAll(/,\n */g, ', ').replaceAll(/\n */g, ''));
}

function tooLarge(field: string): string {
  return `${field}: the job would have more than the ${JOB_JSON_LIMIT} bytes of JSON allowed; keep an id instead.`;
}

function constraintOf(error: unknown): string {
  const named = typeof error === 'object' && error !== null && 'constraint' in error;
  return named && typeof error.constraint === 'string' ? error.constraint : '';
}
