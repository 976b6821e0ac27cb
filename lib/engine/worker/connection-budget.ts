import { Logger } from '@nestjs/common';
import { JobsError } from '../../errors/jobs.error.js';
import type { Receiver } from '../receivers/receiver.js';

/** Of ten connections so many may be held by transactions of receivers; the rest is for the application and the acknowledgements. */
const TRANSACTIONAL_TENTHS = 7;

/** What of the pool's connections receivers may hold. */
export interface ConnectionBudget {
  /** Runs of one receiver at once, unless it says otherwise. */
  readonly concurrency: number;
  /** Transactions held at once. */
  readonly transactionalConcurrency: number;
}

/** What was asked for explicitly. */
export interface AskedConcurrency {
  readonly concurrency: number | undefined;
  readonly transactionalConcurrency: number | undefined;
}

/**
 * Derives how much runs at once from the size of the pool. One connection always stays free: a receiver in a transaction that calls a
 * repository beside it waits for a second connection, and if all of them did so, none would ever be returned.
 *
 * @throws JobsError when a number that was asked for cannot work; it says which would.
 */
export function connectionBudget(
  poolSize: number,
  receivers: readonly Receiver[],
  asked: AskedConcurrency,
): ConnectionBudget {
  if (asked.transactionalConcurrency !== undefined)
    check('worker.transactionalConcurrency', asked.transactionalConcurrency, poolSize);
  for (const receiver of receivers) checkConcurrency(receiver, poolSize);
  const explicit = receivers.flatMap(({ transactional, concurrency }) =>
    transactional && concurrency !== null ? [concurrency] : [],
  );
  const share = Math.floor((poolSize * TRANSACTIONAL_TENTHS) / 10);
  if (poolSize === 1) warnOfSingleConnection();
  return {
    concurrency: asked.concurrency ?? poolSize,
    transactionalConcurrency: asked.transactionalConcurrency ?? Math.max(1, share, ...explicit),
  };
}

/**
 * Whether what a receiver asks for can work.
 *
 * @throws JobsError when it cannot; it says what would.
 */
export function checkConcurrency({ id, transactional, concurrency }: Receiver, poolSize: number): void {
  if (transactional && concurrency !== null)
    check(`concurrency of the transactional receiver "${id}"`, concurrency, poolSize);
}

function check(subject: string, number: number, poolSize: number): void {
  if (number > poolSize - 1) throw new JobsError(tooMany(subject, number, poolSize));
}

function tooMany(subject: string, number: number, poolSize: number): string {
  return (
    `${subject} is ${number}, which cannot work with a pool of ${poolSize} connections: a receiver that calls a repository beside its ` +
    `transaction would wait for ever. Use at most ${Math.max(poolSize - 1, 0)}, or raise poolSize of the data source to at least ${number + 1}.`
  );
}

function warnOfSingleConnection(): void {
  new Logger('JobsModule').warn(
    'The pool has a single connection: a receiver in a transaction that also calls a repository beside it would wait for ever. Raise poolSize.',
  );
}
