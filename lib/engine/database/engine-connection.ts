import type { SqlClient, SqlResult } from './sql-client.js';
import type { Statement } from './statement.js';

/** A connection or pool on which the engine runs its statements, past the user's query log. */
export class EngineConnection {
  /**
   * @param prepare whether statements are kept prepared under their names; not so behind a pooler that hands the connection around.
   */
  constructor(
    readonly client: SqlClient,
    private readonly prepare: boolean,
  ) {}

  /** Runs a statement by its name. */
  run<Row>(statement: Statement, values: readonly unknown[]): Promise<SqlResult<Row>> {
    return this.client.query<Row>(
      this.prepare ? { name: statement.name, text: statement.text, values } : { text: statement.text, values },
    );
  }

  /** Runs a statement that must be planned for the values it is given. */
  runUnprepared<Row>(text: string, values: readonly unknown[] = []): Promise<SqlResult<Row>> {
    return this.client.query<Row>({ text, values });
  }
}
