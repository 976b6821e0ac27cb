import type { SqlClient, SqlQuery, SqlResult } from '../../lib/engine/database/sql-client.js';

/** Passes statements on and keeps what was sent. */
export class CountingClient implements SqlClient {
  readonly sent: SqlQuery[] = [];

  constructor(private readonly client: SqlClient) {}

  query<Row>(query: SqlQuery): Promise<SqlResult<Row>> {
    this.sent.push(query);
    return this.client.query<Row>(query);
  }
}
