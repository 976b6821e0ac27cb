import { printableName } from '../../engine/text/kind-of.js';
import { JobConflictError } from '../../errors/job-conflict.error.js';
import { JobsError } from '../../errors/jobs.error.js';
import type { Job, JobCloseReason, JobStatus } from '../model/job.js';
import type { RegisteredJobType } from '../types/job-type.registry.js';
import { JobChecks } from './job-checks.js';
import { checkMetadata, checkResult } from './job-json.js';
import type { AnyCompletion } from './job-options.interface.js';

/** How a job is to end. */
export interface Ending {
  readonly transition: 'complete' | 'cancel';
  readonly closeReason: JobCloseReason;
  readonly outcome: string | null;
  readonly result?: unknown;
  readonly metadata?: Record<string, unknown>;
}

const STATUS: Readonly<Record<Ending['transition'], JobStatus>> = { complete: 'completed', cancel: 'cancelled' };

/** A job that was closed before: the same end again is no error, another one is. Who names no outcome agrees with any. */
export function sameEnd(job: Job, { transition, outcome }: Ending): Job {
  const status = STATUS[transition];
  if (job.status === status && (outcome === null || outcome === job.outcome)) return job;
  const how = job.outcome === null ? '' : ` with outcome "${job.outcome}"`;
  const asked = outcome === null ? '' : ` with outcome "${outcome}"`;
  throw new JobConflictError(job.id, `is ${job.status}${how} already and cannot be ${status}${asked}.`);
}

/**
 * @param type `undefined` when no module provides it any more: then any outcome is taken, and nothing checks the result.
 */
export async function completion(
  type: RegisteredJobType | undefined,
  { outcome, result, metadata }: AnyCompletion,
  closeReason: JobCloseReason,
): Promise<Ending> {
  return {
    transition: 'complete',
    closeReason,
    outcome: outcome === undefined ? null : checkOutcome(type, outcome),
    ...(result === undefined ? {} : { result: await checkResult(result, type?.definition.result) }),
    ...(metadata === undefined ? {} : { metadata: await checkMetadata(metadata, undefined) }),
  };
}

const OUTCOME_LIMIT = 255;

function checkOutcome(type: RegisteredJobType | undefined, outcome: unknown): string {
  const text = new JobChecks('complete').words('outcome', outcome, OUTCOME_LIMIT);
  if (type === undefined || type.definition.outcomes.includes(text)) return text;
  const { name, outcomes } = type.definition;
  const remedy = outcomes.length === 0 ? 'it declares none' : `it declares ${outcomes.join(', ')}`;
  throw new JobsError(`outcome: ${JSON.stringify(printableName(text))} is no outcome of ${name}; ${remedy}.`);
}
