import type { EngineConnection } from '../../../engine/database/engine-connection.js';
import type { JobAction } from '../../../jobs/model/job-history-entry.js';
import { eventActor } from '../../../jobs/model/principal.js';
import type { JobSubject } from '../../../jobs/store/job-store.port.js';
import { type EventStanding, TriggerStore } from '../../../jobs/store/trigger-store.port.js';
import type { MemoryDatabase } from '../database/memory-database.js';
import type { MemoryJob } from '../database/memory-rows.js';
import type { MemoryTransaction } from '../database/memory-transaction.js';
import { compare, later } from '../engine/memory-order.js';

const ACTING_EVENT = /^event:(\d{1,18})$/;

/** Reads in memory what events have done to jobs. */
export class MemoryTriggerStore extends TriggerStore {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  async standing(
    connection: EngineConnection,
    subject: JobSubject,
    eventId: string,
    action: Extract<JobAction, 'completed' | 'cancelled'>,
    limit: number,
  ): Promise<EventStanding> {
    const id = BigInt(eventId);
    return this.database.run(connection, (transaction) => {
      const jobs = this.jobsOf(transaction, subject);
      const event = transaction.find(this.database.events, eventId);
      const isOver = event !== undefined && later(event.createdAt, limit) <= transaction.startedAt;
      const isOvertaken = transaction
        .all(this.database.remembered)
        .some((one) => isOf(subject, one.subject) && BigInt(one.completion.eventId ?? 0) > id);
      const next = jobs
        .filter(({ position }) => position > id)
        .sort((a, b) => compare(a.position, b.position))
        .at(0);
      return {
        applied: this.actionsOf(transaction, jobs, action).some(
          (actor) => BigInt(ACTING_EVENT.exec(actor)?.[1] ?? 0) >= id,
        ),
        met: jobs.some(({ position, job }) => position < id && isSince(job.closedAt, event?.createdAt)),
        stale: isOver || isOvertaken,
        next: next?.job.id ?? null,
      };
    });
  }

  async hasRequested(connection: EngineConnection, subject: JobSubject, eventId: string): Promise<boolean> {
    return this.database.run(connection, (transaction) =>
      this.actionsOf(transaction, this.jobsOf(transaction, subject), 'requested').includes(eventActor(eventId)),
    );
  }

  private jobsOf(transaction: MemoryTransaction, subject: JobSubject): MemoryJob[] {
    return transaction.all(this.database.jobs).filter(({ job }) => isOf(subject, job));
  }

  /** Who did that to any of the jobs. */
  private actionsOf(transaction: MemoryTransaction, jobs: readonly MemoryJob[], action: JobAction): string[] {
    const ids = new Set(jobs.map(({ job }) => job.id));
    return transaction
      .all(this.database.history)
      .filter((entry) => ids.has(entry.jobId) && entry.action === action)
      .map(({ actor }) => actor);
  }
}

function isOf(subject: JobSubject, other: JobSubject): boolean {
  return (
    subject.tenant === other.tenant &&
    subject.type === other.type &&
    subject.targetType === other.targetType &&
    subject.targetId === other.targetId
  );
}

function isSince(moment: Date | null, since: Date | undefined): boolean {
  return moment !== null && since !== undefined && moment >= since;
}
