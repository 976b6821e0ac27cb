import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { eventActor } from '../model/principal.js';
import type { JobSelector, JobSubject } from '../store/job-store.port.js';
import { TriggerStore } from '../store/trigger-store.port.js';
import type { JobTarget } from '../targets/job-target.js';
import type { RegisteredJobType } from '../types/job-type.registry.js';
import { JobChanges, type JobTransaction } from '../verbs/job-changes.js';
import { JobRequests } from '../verbs/job-requests.js';

/** An event that is about the jobs of one target. */
export interface TriggeringEvent {
  readonly id: string;
  readonly tenant: string | null;
  readonly target: JobTarget;
}

/** What events do to jobs. */
export type TriggerVerb = 'request' | 'complete' | 'cancel';

interface Closing {
  readonly transition: 'complete' | 'cancel';
  readonly action: 'completed' | 'cancelled';
}

const COMPLETE: Closing = { transition: 'complete', action: 'completed' };
const CANCEL: Closing = { transition: 'cancel', action: 'cancelled' };

/**
 * Requests, completes and cancels jobs for events.
 *
 * Requests and events have one order, that of the sequence of event ids. An event closes the jobs that were requested before it was
 * emitted, whenever it is delivered. One that comes before any request is remembered for the next one; which of two transactions that
 * request and handle it at once comes first makes no difference. What an event has done is found in the history under its name, so one
 * that is delivered again, or after a later one, does nothing more.
 */
@Injectable()
export class EventJobs {
  private readonly requests: JobRequests;

  constructor(
    private readonly changes: JobChanges,
    private readonly triggers: TriggerStore,
  ) {
    this.requests = new JobRequests(changes);
  }

  /** Does what a trigger asks for, in the transaction of `manager`. */
  async apply(
    verb: TriggerVerb,
    type: RegisteredJobType,
    event: TriggeringEvent,
    manager: EntityManager,
  ): Promise<void> {
    const { target } = event;
    const subject = this.changes.subjectOf(type, {
      target,
      ...(event.tenant === null ? {} : { tenant: event.tenant }),
    });
    await this.changes.within({ manager }, async (transaction) => {
      await this.changes.store.takeTurns(transaction.connection, subject);
      if (verb === 'request') await this.request(transaction, type, subject, event);
      else if (verb === 'complete') await this.complete(transaction, type, subject, event);
      else await this.close(transaction, CANCEL, subject, event);
    });
  }

  private async request(
    { manager, connection }: JobTransaction,
    { target: type }: RegisteredJobType,
    subject: JobSubject,
    { id, tenant, target }: TriggeringEvent,
  ): Promise<void> {
    if (await this.triggers.hasRequested(connection, subject, id)) return;
    await this.requests.request(type, {
      target,
      manager,
      by: eventActor(id),
      ...(tenant === null ? {} : { tenant }),
    });
  }

  private async complete(
    transaction: JobTransaction,
    { definition: { early, earlyLimit } }: RegisteredJobType,
    subject: JobSubject,
    event: TriggeringEvent,
  ): Promise<void> {
    const standing = await this.close(transaction, COMPLETE, subject, event, earlyLimit);
    if (standing === undefined || early === 'ignore' || standing.met || standing.stale) return;
    if (standing.next === null) {
      const remembered = { reason: 'event', outcome: null, eventId: event.id } as const;
      await this.changes.store.remember(transaction.connection, subject, remembered, earlyLimit);
      return;
    }
    // Had the event been delivered at once, this request would have been born completed.
    await this.end(transaction, COMPLETE, { ids: [standing.next] }, event, 'It was done before it was requested.');
  }

  /** Closes what was requested before the event; how the event stands to the other jobs when there was nothing, and it is new. */
  private async close(
    transaction: JobTransaction,
    closing: Closing,
    subject: JobSubject,
    event: TriggeringEvent,
    limit = 0,
  ): Promise<Awaited<ReturnType<TriggerStore['standing']>> | undefined> {
    const { connection } = transaction;
    const standing = await this.triggers.standing(connection, subject, event.id, closing.action, limit);
    if (standing.applied) return undefined;
    const closed = await this.end(transaction, closing, { subject, key: null }, event, null);
    return closed > 0 ? undefined : standing;
  }

  private async end(
    transaction: JobTransaction,
    { transition }: Closing,
    selector: JobSelector,
    event: TriggeringEvent,
    note: string | null,
  ): Promise<number> {
    const before = 'subject' in selector ? { requestedBefore: event.id } : {};
    const jobs = await this.changes.change(transaction, {
      transition,
      selector,
      actor: eventActor(event.id),
      input: { closeReason: 'event', outcome: null, ...before },
      note,
    });
    return jobs.length;
  }
}
