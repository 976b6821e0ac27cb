import type { SqlClient } from '../../database/sql-client.js';
import type { TableNames } from '../../schema/table-names.js';
import { lockClassOf } from '../lock-class.js';
import type { WorkerStatements } from './worker.statements.js';

/** The advisory locks that stand for the workers of one table. */
export class LockSpace {
  private known: number | undefined;

  constructor(
    private readonly names: TableNames,
    private readonly statements: WorkerStatements,
  ) {}

  /** Asks the server where the table lies: one process may name the schema, another find it by its search path. */
  async locate(client: SqlClient): Promise<void> {
    if (this.known !== undefined) return;
    const { rows } = await client.query<{ schema: string }>({
      text: this.statements.schema,
      values: [this.names.worker],
    });
    this.known = lockClassOf(rows[0]?.schema ?? '');
  }

  /** First key of every lock. */
  get lockClass(): number {
    if (this.known === undefined) throw new Error('The tables were not located yet.');
    return this.known;
  }
}
