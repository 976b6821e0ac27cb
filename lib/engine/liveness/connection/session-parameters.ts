import { CLAIM_PLANNING } from '../../claiming/claim-planning.js';
import type { SqlClient } from '../../database/sql-client.js';
import { isServerError } from './server-error.js';

/** Limits that the session sets itself, in milliseconds. */
export interface SessionLimits {
  /** A statement is cancelled after this time, sooner than its deadline gives the connection up. */
  readonly statement: number;
  /** How long to wait for a lock that the own, dying connection may still hold. */
  readonly lock: number;
}

/**
 * Makes the server notice within seconds that this process is gone, and keeps it from ending the session for other reasons.
 *
 * @returns the parameters the server refused; managed servers do so, and none is worth failing for.
 */
export async function setSessionParameters(client: SqlClient, limits: SessionLimits): Promise<readonly string[]> {
  const parameters: readonly (readonly [string, string])[] = [
    ['tcp_keepalives_idle', '5'],
    ['tcp_keepalives_interval', '2'],
    ['tcp_keepalives_count', '3'],
    // Keepalive is silent while data waits to be sent, such as a notification.
    ['tcp_user_timeout', '10000'],
    ['client_connection_check_interval', '1000'],
    ['idle_session_timeout', '0'],
    ['idle_in_transaction_session_timeout', '0'],
    ['lock_timeout', String(limits.lock)],
    ['statement_timeout', String(limits.statement)],
    // An answered claim must survive a crash of the server: a started delivery would come back as a ready one.
    ['synchronous_commit', 'on'],
    ...CLAIM_PLANNING,
  ];
  if (await accepts(client, parameters)) return [];
  // One refusal undoes all that stand in the same statement.
  const refused: string[] = [];
  for (const parameter of parameters) {
    if (!(await accepts(client, [parameter]))) refused.push(parameter[0]);
  }
  return refused;
}

async function accepts(client: SqlClient, parameters: readonly (readonly [string, string])[]): Promise<boolean> {
  const calls = parameters.map((_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, false)`);
  try {
    await client.query({ text: `select ${calls.join(', ')}`, values: parameters.flat() });
    return true;
  } catch (error) {
    if (isServerError(error)) return false;
    throw error;
  }
}
