import type { Clock } from '../../engine/clock/clock.js';
import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { JobTableNames } from '../schema/job-table-names.js';
import type { TargetReference } from '../targets/job-target.js';
import { type PendingRow, PendingStore } from './pending-store.port.js';
import { pendingOfTargetStatement, pendingStatement } from './pending.statements.js';

/** Finds pending jobs, whoever's they are. */
export class PostgresPendingStore extends PendingStore {
  private readonly pendingText;
  private readonly ofTargetText;

  constructor(
    names: JobTableNames,
    private readonly clock: Clock,
  ) {
    super();
    this.pendingText = pendingStatement(names);
    this.ofTargetText = pendingOfTargetStatement(names);
  }

  /**
   * One page of the pending jobs of a type, oldest first.
   *
   * @param after the last of the page before.
   * @param age milliseconds since their request, at least.
   */
  async page(
    connection: EngineConnection,
    type: string,
    after: PendingRow,
    limit: number,
    age: number,
  ): Promise<readonly PendingRow[]> {
    const values = [type, after.at, after.id, limit, age, this.clock.offset];
    return (await connection.run<PendingRow>(this.pendingText, values)).rows;
  }

  /** Ids of the pending jobs about a target. */
  async ofTarget(connection: EngineConnection, { type, id }: TargetReference): Promise<string[]> {
    const { rows } = await connection.run<{ id: string }>(this.ofTargetText, [type, id]);
    return rows.map((row) => row.id);
  }
}
