import type { SqlResult } from '../../engine/database/sql-client.js';
import { Turns } from '../../engine/liveness/connection/turns.js';
import { JobsError } from '../../errors/jobs.error.js';
import { kindOfStatement, rollsBackToSavepoint } from './statement-kind.js';

/** A query as `pg` takes it: a text with its values, or an object that holds both. */
export type QueryArguments = readonly [query: string | { readonly text: string }, ...rest: unknown[]];

/** The connection of the test, as far as it is used here. */
export interface TestConnection {
  query(...query: QueryArguments): Promise<SqlResult<object>>;
}

/** The transaction of one user of the connection: a savepoint. */
interface Nested {
  readonly savepoint: string;
  /** Whether a statement in it failed: as in any transaction, nothing but its end is answered then. */
  failed: boolean;
  /** Whether it was committed while others that began later are still open. */
  done: boolean;
}

const NOTHING: SqlResult<object> = { rows: [], rowCount: 0 };
const STATEMENT = 'test_statement';

/**
 * Lets everybody work on the one connection on which a test has begun a transaction, each as if the connection were its own.
 *
 * A transaction of theirs is a savepoint: its commit releases it, its rollback goes back to it. A statement that fails would make all
 * others fail with it, so each has a savepoint around it. Transactions that are open at the same time are nested in each other.
 */
export class SharedConnection {
  private readonly turns = new Turns();
  private readonly nested: Nested[] = [];
  private count = 0;
  private ended = false;

  constructor(private readonly connection: TestConnection) {}

  /** Resolves when every statement that was sent is answered; from then on none is taken. */
  async end(): Promise<void> {
    this.ended = true;
    await this.turns.take(() => Promise.resolve());
  }

  /** Runs a statement for a user whose transaction, if it has one, is given; answers with the transaction it has then. */
  run(
    query: QueryArguments,
    transaction: () => Nested | undefined,
    keep: (transaction: Nested | undefined) => void,
  ): Promise<SqlResult<object>> {
    return this.turns.take(async () => {
      if (this.ended) throw new JobsError('The test that this connection belonged to has rolled its transaction back.');
      const [first] = query;
      const text = typeof first === 'string' ? first : first.text;
      const current = transaction();
      switch (kindOfStatement(text)) {
        case 'settings':
          return NOTHING;
        case 'begin':
          if (current === undefined) keep(await this.begin());
          return NOTHING;
        case 'commit':
          keep(undefined);
          if (current !== undefined) await (current.failed ? this.rollBack(current) : this.commit(current));
          return NOTHING;
        case 'rollback':
          keep(undefined);
          if (current !== undefined) await this.rollBack(current);
          return NOTHING;
        case 'savepoint':
          if (current?.failed === true && !rollsBackToSavepoint(text)) throw new AbortedTransactionError();
          if (current !== undefined) current.failed = false;
          return this.connection.query(...query);
        case 'other':
          if (current?.failed === true) throw new AbortedTransactionError();
          return this.guarded(query, current);
      }
    });
  }

  private async begin(): Promise<Nested> {
    this.count += 1;
    const nested: Nested = { savepoint: `test_transaction_${this.count}`, failed: false, done: false };
    await this.connection.query(`savepoint ${nested.savepoint}`);
    this.nested.push(nested);
    return nested;
  }

  private async commit(nested: Nested): Promise<void> {
    nested.done = true;
    // Released out of order it would take with it those that began later.
    for (let last = this.nested.at(-1); last?.done === true; last = this.nested.at(-1)) {
      this.nested.pop();
      await this.connection.query(`release savepoint ${last.savepoint}`);
    }
  }

  private async rollBack(nested: Nested): Promise<void> {
    const index = this.nested.indexOf(nested);
    if (index === -1) return;
    for (const later of this.nested.splice(index)) later.failed = true;
    await this.connection.query(`rollback to savepoint ${nested.savepoint}`);
    await this.connection.query(`release savepoint ${nested.savepoint}`);
  }

  private async guarded(query: QueryArguments, current: Nested | undefined): Promise<SqlResult<object>> {
    await this.connection.query(`savepoint ${STATEMENT}`);
    try {
      const result = await this.connection.query(...query);
      await this.connection.query(`release savepoint ${STATEMENT}`);
      return result;
    } catch (error) {
      if (current !== undefined) current.failed = true;
      await this.connection.query(`rollback to savepoint ${STATEMENT}`);
      await this.connection.query(`release savepoint ${STATEMENT}`);
      throw error;
    }
  }
}

/** As PostgreSQL has it. */
class AbortedTransactionError extends Error {
  readonly code = '25P02';

  constructor() {
    super('current transaction is aborted, commands ignored until end of transaction block');
    this.name = 'error';
  }
}

export type { Nested as NestedTransaction };
