import { JobsError } from '../errors/jobs.error.js';
import type { DeliveredRun } from './driver/delivered-run.js';

/**
 * Receivers failed that ran inline; its `cause` is what the first of them threw.
 *
 * @publicApi
 */
export class ReceiversFailedError extends JobsError {
  /** What each of them threw, in the order in which they ran. */
  readonly errors: readonly unknown[];

  constructor(readonly runs: readonly DeliveredRun[]) {
    super(
      `${runs.length === 1 ? 'A receiver' : `${runs.length} receivers`} failed:\n${runs.map(describe).join('\n')}`,
      { cause: runs[0]?.error },
    );
    this.errors = runs.map(({ error }) => error);
  }
}

function describe({ receiver, event, attempt, outcome, error }: DeliveredRun): string {
  return `  ${receiver} on ${event}, attempt ${attempt} (${outcome}): ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}
