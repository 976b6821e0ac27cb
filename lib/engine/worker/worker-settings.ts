import type { WorkTerm } from './work-term.js';

/** How a worker works; every time in milliseconds. */
export interface WorkerSettings {
  /** Runs of one receiver at once, unless the receiver says otherwise. */
  readonly concurrency: number;
  /** Transactions that receivers may hold at once in this process. */
  readonly transactionalConcurrency: number;
  /** Most deliveries of one receiver held at once, running ones included. */
  readonly batch: number;
  /** Longest time between two looks for work when nothing wakes the worker. */
  readonly pollInterval: number;
  /** The same where notifications of other processes do not arrive. */
  readonly pollIntervalUnnotified: number;
  /** How long deliveries that were claimed ahead may wait behind runs of which none ends. */
  readonly staleAfter: number;
  /** How long receivers may go on at shutdown before they are told to stop. */
  readonly shutdownGrace: number;
  /** How long a receiver that was told to stop has until it is given up. */
  readonly settleLimit: number;
  /** How long an outcome that is being written may have no answer. */
  readonly answerLimit: number;
  /** Interruptions after which a delivery is given up. */
  readonly maxInterruptions: number;
  /** What may end its work. */
  readonly term: WorkTerm;
}
