import type { JobSubject, RememberedCompletion } from '../../../jobs/store/job-store.port.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import type { MemoryTransaction } from '../database/memory-transaction.js';
import { later } from '../engine/memory-order.js';
import { subjectKey } from './subject-key.js';

/** Keeps in memory the completions that came before their requests. */
export class MemoryRememberedCompletions {
  constructor(private readonly database: MemoryDatabase) {}

  /** Keeps one for so many milliseconds, and for no less time than was asked for before. */
  async put(
    transaction: MemoryTransaction,
    { tenant, type, targetType, targetId }: JobSubject,
    key: string,
    completion: RememberedCompletion,
    limit: number,
  ): Promise<void> {
    const subject = { tenant, type, targetType, targetId };
    const { remembered } = this.database;
    const place = subjectKey(subject, key);
    const earlier = await transaction.findForUpdate(remembered, place);
    const asked = later(transaction.startedAt, limit);
    const until = earlier !== undefined && earlier.until > asked ? earlier.until : asked;
    transaction.put(remembered, place, { subject, key, completion, until });
  }

  /** Takes out what is meant for a job of that key, or of any. */
  take(
    transaction: MemoryTransaction,
    subject: JobSubject & { readonly key: string },
  ): RememberedCompletion | undefined {
    const { remembered } = this.database;
    let recalled: RememberedCompletion | undefined;
    for (const key of new Set(['', subject.key])) {
      const row = transaction.find(remembered, subjectKey(subject, key));
      if (row === undefined) continue;
      transaction.put(remembered, subjectKey(subject, key), undefined);
      // That of the job's own key is the nearer one.
      if (row.until > transaction.startedAt) recalled = row.completion;
    }
    return recalled;
  }

  drop(transaction: MemoryTransaction, subject: JobSubject, key: string): void {
    for (const one of new Set(['', key]))
      transaction.put(this.database.remembered, subjectKey(subject, one), undefined);
  }

  /** Drops what was kept for too long. */
  dropOld(transaction: MemoryTransaction): void {
    const { remembered } = this.database;
    for (const { subject, key, until } of transaction.all(remembered)) {
      if (until <= transaction.startedAt) transaction.put(remembered, subjectKey(subject, key), undefined);
    }
  }
}
