import { JobsError } from '../../errors/jobs.error.js';
import { JOB_JSON_LIMIT, JOB_LIMIT_CHECKS, JOB_TAG_LIMIT } from '../schema/job-entities.js';

const TOO_MUCH: Readonly<Record<string, string>> = {
  [JOB_LIMIT_CHECKS.metadata]: tooLarge('metadata'),
  [JOB_LIMIT_CHECKS.result]: tooLarge('result'),
  [JOB_LIMIT_CHECKS.tags]: `tags: the job would have more than the ${JOB_TAG_LIMIT} tags allowed; remove some first.`,
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

function tooLarge(field: string): string {
  return `${field}: the job would have more than the ${JOB_JSON_LIMIT} bytes of JSON allowed; keep an id instead.`;
}

function constraintOf(error: unknown): string {
  const named = typeof error === 'object' && error !== null && 'constraint' in error;
  return named && typeof error.constraint === 'string' ? error.constraint : '';
}
