import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { TableNames } from '../../engine/schema/table-names.js';
import type { JobAction } from '../model/job-history-entry.js';
import type { JobTableNames } from '../schema/job-table-names.js';
import { eventActor } from '../model/principal.js';
import type { JobSubject } from './job-store.port.js';
import { type EventStanding, TriggerStore } from './trigger-store.port.js';
import { requestedByStatement, standingStatement } from './trigger.statements.js';

/** Reads what events have done to jobs, so that one that is delivered again does nothing more. */
export class PostgresTriggerStore extends TriggerStore {
  private readonly standingText;
  private readonly requestedByText;

  constructor(
    names: JobTableNames,
    engine: TableNames,
    private readonly clock: Clock,
  ) {
    super();
    this.standingText = standingStatement(names, engine);
    this.requestedByText = requestedByStatement(names);
  }

  /**
   * How an event stands to the jobs of a subject.
   *
   * @param action what it does to them.
   * @param limit milliseconds after which it is stale.
   */
  async standing(
    connection: EngineConnection,
    { tenant, type, targetType, targetId }: JobSubject,
    eventId: string,
    action: Extract<JobAction, 'completed' | 'cancelled'>,
    limit: number,
  ): Promise<EventStanding> {
    const values = [tenant, type, targetType, targetId, eventId, action, limit, this.clock.offset];
    const { rows } = await connection.run<EventStanding>(this.standingText, values);
    const row = rows[0];
    if (row === undefined) throw new Error('The standing of an event returned no row.');
    return row;
  }

  /** Whether an event has requested a job of a subject already. */
  async hasRequested(
    connection: EngineConnection,
    { tenant, type, targetType, targetId }: JobSubject,
    eventId: string,
  ): Promise<boolean> {
    const values = [tenant, type, targetType, targetId, eventActor(eventId)];
    const { rows } = await connection.run<{ requested: boolean }>(this.requestedByText, values);
    return rows[0]?.requested === true;
  }
}
