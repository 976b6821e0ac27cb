import type { SqlClient, SqlQuery, SqlResult } from './sql-client.js';
import type { Statement } from './statement.js';

/** A connection or pool on which the engine runs its statements, past the user's query log. */
export class EngineConnection {
  /**
   * @param prepare whether statements are kept prepared under their names; not so behind a pooler that hands the connection around.
   */
  constructor(
    readonly client: SqlClient,
    private readonly prepare: boolean,
    private readonly answerLimit?: number,
  ) {}

  /**
   * The same pool, where a statement that has no answer after so many milliseconds fails and its connection is closed. When a server goes
   * without a word, its connections look open for a quarter of an hour.
   */
  within(answerLimit: number): EngineConnection {
    return new EngineConnection(this.client, this.prepare, answerLimit);
  }

  /** Runs a statement by its name. */
  run<Row>(statement: Statement, values: readonly unknown[]): Promise<SqlResult<Row>> {
    const { name, text } = statement;
    return this.client.query<Row>({ ...(this.prepare && { name }), text, values, ...this.limits });
  }

  /** Runs a statement that must be planned for the values it is given. */
  runUnprepared<Row>(text: string, values: readonly unknown[] = []): Promise<SqlResult<Row>> {
    return this.client.query<Row>({ text, values, ...this.limits });
  }

  private get limits(): Pick<SqlQuery, 'query_timeout'> {
    return this.answerLimit === undefined ? {} : { query_timeout: this.answerLimit };
  }
}
