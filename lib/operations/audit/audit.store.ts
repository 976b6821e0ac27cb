import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Statement } from '../../engine/database/statement.js';
import type { OperationsTableNames } from '../schema/operations-table-names.js';
import type { AuditRecord } from './audit-entry.js';
import { recordStatement } from './audit.statements.js';

/** Keeps who did what to which delivery, dead letter, event or receiver. */
export class AuditStore {
  private readonly recordText: Statement;

  constructor(
    names: OperationsTableNames,
    private readonly clock: Clock,
  ) {
    this.recordText = recordStatement(names);
  }

  /** Records an action on the connection whose transaction does it, so that neither is there without the other. */
  async record(connection: EngineConnection, { subject, ...record }: AuditRecord): Promise<void> {
    await this.recordEach(connection, record, [subject]);
  }

  /** The same for each of several subjects; nothing for none. */
  async recordEach(
    connection: EngineConnection,
    { actor, action, reason, details }: Omit<AuditRecord, 'subject'>,
    subjects: readonly string[],
  ): Promise<void> {
    if (subjects.length === 0) return;
    await connection.run(this.recordText, [
      actor,
      action,
      subjects,
      reason,
      details === undefined ? null : JSON.stringify(details),
      this.clock.offset,
    ]);
  }
}
