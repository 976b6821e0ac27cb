import type { SqlClient } from './sql-client.js';

/** The same client for statements that must not stay prepared on its connection. */
export function unprepared(client: SqlClient): SqlClient {
  return { query: ({ text, values = [] }) => client.query({ text, values }) };
}
