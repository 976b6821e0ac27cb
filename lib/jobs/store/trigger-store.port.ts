import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { JobAction } from '../model/job-history-entry.js';
import type { JobSubject } from './job-store.port.js';

/** How an event stands to the jobs of the subject it is about. */
export interface EventStanding {
  /** Whether it, or a later event, has closed a job of the subject already. */
  readonly applied: boolean;
  /** Whether a job that was open when it was emitted was closed since, by whatever. */
  readonly met: boolean;
  /** Whether it is older than the limit, or a later event is remembered. */
  readonly stale: boolean;
  /** Id of the first job of the subject that was requested after it was emitted. */
  readonly next: string | null;
}

/** Reads what events have done to jobs, so that one that is delivered again does nothing more. */
export abstract class TriggerStore {
  /**
   * How an event stands to the jobs of a subject.
   *
   * @param action what it does to them.
   * @param limit milliseconds after which it is stale.
   */
  abstract standing(
    connection: EngineConnection,
    subject: JobSubject,
    eventId: string,
    action: Extract<JobAction, 'completed' | 'cancelled'>,
    limit: number,
  ): Promise<EventStanding>;

  /** Whether an event has requested a job of a subject already. */
  abstract hasRequested(connection: EngineConnection, subject: JobSubject, eventId: string): Promise<boolean>;
}
