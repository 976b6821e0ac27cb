/** Times of a worker that are no options, in milliseconds; tests shorten them. */
export interface WorkerLimits {
  /** How long a receiver that was told to stop has until it is given up. */
  readonly settleLimit: number;
  /** How long an outcome that is being written, or an event that is being read, may have no answer. */
  readonly answerLimit: number;
  /** Longest time between two looks for work where notifications of other processes do not arrive. */
  readonly pollIntervalUnnotified: number;
  /** How long deliveries that were claimed ahead may wait behind runs of which none ends. */
  readonly staleAfter: number;
  /** How long a group of deliveries that share a transaction goes on to begin further ones. */
  readonly groupLimit: number;
  /** How often counts of runs are written while there are any. */
  readonly activityInterval: number;
}

export const WORKER_LIMITS = Symbol.for('nestjs-jobs:worker-limits');

export const defaultWorkerLimits: WorkerLimits = {
  settleLimit: 5_000,
  answerLimit: 30_000,
  pollIntervalUnnotified: 500,
  staleAfter: 1_000,
  groupLimit: 250,
  activityInterval: 10_000,
};
