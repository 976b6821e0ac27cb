import type { EngineConnection } from '../../engine/database/engine-connection.js';
import type { TargetReference } from '../targets/job-target.js';

/** A pending job, and its place in the order in which they are looked through. */
export interface PendingRow {
  readonly id: string;
  readonly at: string;
}

/** Where a look through pending jobs begins. */
export const FIRST: PendingRow = { id: '0', at: '-infinity' };

/** Finds pending jobs, whoever's they are. */
export abstract class PendingStore {
  /**
   * One page of the pending jobs of a type, oldest first.
   *
   * @param after the last of the page before.
   * @param age milliseconds since their request, at least.
   */
  abstract page(
    connection: EngineConnection,
    type: string,
    after: PendingRow,
    limit: number,
    age: number,
  ): Promise<readonly PendingRow[]>;

  /** Ids of the pending jobs about a target. */
  abstract ofTarget(connection: EngineConnection, target: TargetReference): Promise<string[]>;
}
