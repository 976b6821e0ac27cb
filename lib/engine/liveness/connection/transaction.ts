import { USUAL_PLANNING } from '../../claiming/claim-planning.js';
import type { SqlClient } from '../../database/sql-client.js';
import type { DirectConnection } from './direct-connection.js';

/** What the work of a transaction says when nothing of it is to stay. */
export const nothingDone = Symbol('nothing done');

/**
 * Runs work in a transaction whose statements may take longer than those of a beat. The limit lies in the transaction, so that it works
 * behind a pooler, too.
 *
 * @param deadline milliseconds for each statement.
 */
export async function inTransaction<Result>(
  connection: DirectConnection,
  deadline: number,
  work: (client: SqlClient) => Promise<Result | typeof nothingDone>,
): Promise<Result | undefined> {
  const client = connection.within(deadline);
  await client.query({
    text: `begin; set local statement_timeout = ${Math.round(deadline * 0.9)}; set local synchronous_commit = on; ${USUAL_PLANNING}`,
  });
  let result: Result | typeof nothingDone;
  try {
    result = await work(client);
    await client.query({ text: result === nothingDone ? 'rollback' : 'commit' });
  } catch (error) {
    // After any other error the connection is gone, and its transaction with it.
    if (connection.isOpen) await client.query({ text: 'rollback' });
    throw error;
  }
  return result === nothingDone ? undefined : result;
}
