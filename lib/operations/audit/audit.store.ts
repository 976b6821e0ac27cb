import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { Statement } from '../../engine/database/statement.js';
import type { LifecycleAction } from '../../engine/lifecycle/lifecycle-events.interface.js';
import type { Lifecycle } from '../../engine/lifecycle/lifecycle.service.js';
import type { OperationsTableNames } from '../schema/operations-table-names.js';
import type { AuditRecord } from './audit-entry.js';
import { recordStatement } from './audit.statements.js';

/** Keeps who did what to which delivery, dead letter, event or receiver. */
export class AuditStore {
  private readonly recordText: Statement;
  /** What is to be told when a transaction commits. */
  private readonly waiting = new WeakMap<EngineConnection, LifecycleAction[]>();

  constructor(
    names: OperationsTableNames,
    private readonly clock: Clock,
    private readonly lifecycle: Lifecycle,
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
    if (!this.lifecycle.hears('acted')) return;
    const told = subjects.map((subject) => ({
      actor,
      action,
      subject,
      reason: reason ?? null,
      details: details ?? {},
    }));
    this.waiting.set(connection, [...(this.waiting.get(connection) ?? []), ...told]);
  }

  /** The transaction of a connection has committed: those who listen are told of what was recorded in it. */
  committed(connection: EngineConnection): void {
    for (const action of this.waiting.get(connection) ?? []) this.lifecycle.tell('acted', action);
    this.waiting.delete(connection);
  }
}
