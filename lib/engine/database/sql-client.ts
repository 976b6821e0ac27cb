/** A statement's answer, as far as the engine reads it. */
export interface SqlResult<Row> {
  readonly rows: readonly Row[];
  readonly rowCount: number | null;
}

/** A query in the shape `pg` takes; with a name it is prepared once a connection. */
export interface SqlQuery {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Milliseconds after which `pg` waits for the answer no longer and fails; without it for ever. */
  readonly query_timeout?: number;
}

/** What the engine needs of a `pg` client or pool. */
export interface SqlClient {
  query<Row>(query: SqlQuery): Promise<SqlResult<Row>>;
}
