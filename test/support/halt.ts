import { Client } from 'pg';
import { ACTING } from './acting-process.js';
import { until } from './until.js';

/** A row at which a write stops. */
export interface HaltPlace {
  readonly table: string;
  readonly on: 'insert' | 'update' | 'delete';
  /** Condition on `old` or `new`; left out for the first row. */
  readonly when?: string;
  /** Whether it stops there only once its commit has begun. */
  readonly atCommit?: boolean;
}

const LOCK = 20_480;

/**
 * Stops what the acting process writes in the middle of a statement, until it is released: a trigger on the table waits for a lock that
 * a connection of this object has. What others write goes on.
 */
export class Halt {
  private constructor(
    private readonly client: Client,
    private readonly table: string,
  ) {}

  static async at(url: string, { table, on, when = 'true', atCommit = false }: HaltPlace): Promise<Halt> {
    const client = new Client(url);
    await client.connect();
    const trigger = atCommit ? `create constraint trigger halt after` : `create trigger halt before`;
    await client.query(`
create or replace function halt() returns trigger language plpgsql as $$
begin
  if current_setting('application_name') = '${ACTING}' then perform pg_advisory_xact_lock_shared(${LOCK}); end if;
  return coalesce(new, old);
end $$;
${trigger} ${on} on ${table} ${atCommit ? 'deferrable initially deferred' : ''} for each row when (${when}) execute function halt();
select pg_advisory_lock(${LOCK})`);
    return new Halt(client, table);
  }

  /** Whether the acting process is stopped there. */
  async isReached(): Promise<boolean> {
    return (await this.waiting()).length === 1;
  }

  /** Cuts off the connection on which the acting process is stopped. */
  async terminate(): Promise<void> {
    for (const pid of await this.waiting()) await this.client.query('select pg_terminate_backend($1)', [pid]);
  }

  /** Lets the server go on with what it was sent. */
  async release(): Promise<void> {
    await this.client.query(`select pg_advisory_unlock(${LOCK})`);
  }

  /** Resolves once the server has nothing to do any more for an acting process that is gone, and removes the halt. */
  async end(): Promise<void> {
    await until(async () => {
      const { rowCount } = await this.client.query(
        'select from pg_stat_activity where datname = current_database() and application_name = $1',
        [ACTING],
      );
      return rowCount === 0;
    }, 'the end of the connections');
    await this.client.query(`drop trigger halt on ${this.table}`);
    await this.client.end();
  }

  private async waiting(): Promise<readonly number[]> {
    const { rows } = await this.client.query<{ pid: number }>(
      `select pid from pg_stat_activity
       where datname = current_database() and application_name = $1 and wait_event_type = 'Lock' and wait_event = 'advisory'`,
      [ACTING],
    );
    return rows.map(({ pid }) => pid);
  }
}
