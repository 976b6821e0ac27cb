import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import { JobsError } from '../../../errors/jobs.error.js';
import type { JobHistoryEntry } from '../../../jobs/model/job-history-entry.js';
import { MemoryClient } from './memory-client.js';
import type { MemoryClock } from './memory-clock.js';
import { MemoryLocks } from './memory-locks.js';
import { MemoryPool } from './memory-pool.js';
import type {
  MemoryActivity,
  MemoryDeadLetter,
  MemoryDeduplication,
  MemoryDelivery,
  MemoryEvent,
  MemoryJob,
  MemoryReceiver,
  MemoryRemembered,
  MemorySubscription,
  MemoryWorker,
} from './memory-rows.js';
import { MemoryTable } from './memory-table.js';
import { MemoryTransaction } from './memory-transaction.js';

/** What is done on a connection, in its transaction or else in one of its own. */
export type MemoryWork<Result> = (transaction: MemoryTransaction) => Result | Promise<Result>;

/** Everything the engine and jobs keep, in memory: tables, sequences, locks and the transactions that are open. */
export class MemoryDatabase {
  readonly events = new MemoryTable<MemoryEvent>('event');
  readonly deliveries = new MemoryTable<MemoryDelivery>('delivery');
  readonly deadLetters = new MemoryTable<MemoryDeadLetter>('dead letter');
  readonly receivers = new MemoryTable<MemoryReceiver>('receiver');
  readonly subscriptions = new MemoryTable<MemorySubscription>('subscription');
  readonly deduplication = new MemoryTable<MemoryDeduplication>('deduplication');
  readonly workers = new MemoryTable<MemoryWorker>('worker');
  readonly activity = new MemoryTable<MemoryActivity>('activity');
  readonly jobs = new MemoryTable<MemoryJob>('job');
  readonly history = new MemoryTable<JobHistoryEntry>('history');
  readonly remembered = new MemoryTable<MemoryRemembered>('remembered');
  private readonly locks = new MemoryLocks();
  private readonly sequences = new Map<string, bigint>();

  constructor(readonly clock: MemoryClock) {}

  /** The next number of a sequence, which no rollback takes back. */
  next(sequence: string): bigint {
    const number = (this.sequences.get(sequence) ?? 0n) + 1n;
    this.sequences.set(sequence, number);
    return number;
  }

  /** A place in the ready order behind every transaction that was begun. */
  get behindAll(): bigint {
    return (this.sequences.get('transaction') ?? 0n) + 1n;
  }

  begin(): MemoryTransaction {
    return new MemoryTransaction(this.next('transaction'), this.clock.now(), this.locks);
  }

  /** Works in a transaction of its own. */
  async transaction<Result>(work: MemoryWork<Result>): Promise<Result> {
    const transaction = this.begin();
    try {
      const result = await work(transaction);
      transaction.commit();
      return result;
    } catch (error) {
      transaction.rollBack();
      throw error;
    }
  }

  /**
   * Works as one statement of a connection.
   *
   * @throws JobsError when the connection leads elsewhere.
   */
  run<Result>({ client }: EngineConnection, work: MemoryWork<Result>): Promise<Result> {
    if (client instanceof MemoryClient && client.database === this) return client.run(work);
    if (client instanceof MemoryPool && client.database === this) return this.transaction(work);
    throw new JobsError(
      'A store in memory was given a connection that is not of its memory. Take connections and managers of the data source that the ' +
        'same MemoryStorage was made for.',
    );
  }
}
