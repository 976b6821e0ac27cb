import { JobsSchemaError } from '../errors/jobs-schema.error.js';

/** Runs a statement on the one connection a migration has, within its transaction. */
export type RunSql = (sql: string) => Promise<unknown>;

/** How a migration waits for tables that others use, in milliseconds. */
export interface LockPatience {
  /** Longest wait for a table: for as long as it lasts, everybody who comes after waits as well. */
  readonly wait: number;
  /** Between two tries, while others go on. */
  readonly pause: number;
  readonly tries: number;
}

export const LOCK_PATIENCE: LockPatience = { wait: 2000, pause: 100, tries: 300 };

/**
 * What all waits after the first come to at most. A migration that holds one table while it waits for another can be part of a deadlock,
 * which PostgreSQL looks for after a second and ends at the cost of either side. It must not be the side of the application.
 */
const REMAINING_WAITS = 300;

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK_DETECTED = '40P01';

/**
 * Does `work` while nobody else uses `tables`, which exist already. They are locked before anything is changed, and given back and tried
 * again when one of them is not to be had in time, so that neither waits behind the other for long.
 *
 * @throws JobsSchemaError when they could not be locked in all those tries; nothing is changed then.
 */
export async function whileLocked(
  tables: readonly string[],
  run: RunSql,
  work: () => Promise<void>,
  { wait, pause, tries }: LockPatience = LOCK_PATIENCE,
): Promise<void> {
  let order = tables;
  for (let left = tries - 1; ; left--) {
    await run('savepoint nestjs_jobs');
    let locking: string | undefined;
    try {
      for (const table of order) {
        locking = table;
        for (const sql of lockStatements(table, order, wait)) await run(sql);
      }
      locking = undefined;
      await run(`set local lock_timeout = ${wait}`);
      await work();
      await run('release savepoint nestjs_jobs');
      return;
    } catch (error) {
      const code = codeOf(error);
      if (code !== LOCK_NOT_AVAILABLE && code !== DEADLOCK_DETECTED) throw error;
      await run('rollback to savepoint nestjs_jobs');
      if (left === 0) throw new JobsSchemaError(stuckMessage(locking ?? tables.join(', '), tries), { cause: error });
      // Every other time it comes first: only the longer wait makes a vacuum step aside.
      const first = order === tables ? locking : undefined;
      order = first === undefined ? tables : [first, ...tables.filter((table) => table !== first)];
      await run(`select pg_sleep(${pause / 1000})`);
    }
  }
}

/** Takes one of several tables for oneself, readers included. */
export function lockStatements(table: string, tables: readonly string[], wait = LOCK_PATIENCE.wait): readonly string[] {
  const longest = table === tables[0] ? wait : Math.ceil(REMAINING_WAITS / (tables.length - 1));
  return [`set local lock_timeout = ${longest}`, `lock table ${table} in access exclusive mode`];
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function stuckMessage(table: string, tries: number): string {
  return (
    `The tables of nestjs-jobs could not be changed: in ${tries} tries, ${table} was never free. A transaction that stays open uses it. ` +
    'Find it in pg_stat_activity by its xact_start, let it end, and run the migration again; nothing was changed.'
  );
}
