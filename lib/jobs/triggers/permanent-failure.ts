import { DurationError } from '../../errors/duration.error.js';
import { InvalidOptionError } from '../../errors/invalid-option.error.js';
import { JobConflictError } from '../../errors/job-conflict.error.js';
import { JobNotFoundError } from '../../errors/job-not-found.error.js';
import { JobsError } from '../../errors/jobs.error.js';
import { PayloadError } from '../../errors/payload.error.js';
import { UnknownOptionError } from '../../errors/unknown-option.error.js';

const REFUSALS = [
  InvalidOptionError,
  UnknownOptionError,
  DurationError,
  PayloadError,
  JobConflictError,
  JobNotFoundError,
];

/** Whether what an event asks of jobs is refused for what it says, so that asking again is of no use. */
export function isPermanentFailure(error: unknown): boolean {
  if (!(error instanceof JobsError)) return false;
  return error.constructor === JobsError || REFUSALS.some((refusal) => error instanceof refusal);
}
