import { EventEmitter } from 'node:events';
import type { SqlQuery, SqlResult } from '../../../engine/database/sql-client.js';
import { JobsError } from '../../../errors/jobs.error.js';
import { NoDatabaseError } from './no-database.error.js';
import type { MemoryDatabase, MemoryWork } from './memory-database.js';
import type { MemoryTransaction } from './memory-transaction.js';

const NOTHING: SqlResult<never> = { rows: [], rowCount: 0 };

/** What TypeORM asks of a server before anything else. */
const SERVER: readonly (readonly [question: RegExp, answer: Readonly<Record<string, unknown>>])[] = [
  [/^select version\(\)/i, { version: 'PostgreSQL 15.0 (in memory)' }],
  [/^select \* from current_database\(\)/i, { current_database: 'memory' }],
  [/^select \* from current_schema\(\)/i, { current_schema: 'public' }],
];

/**
 * What stands in for a client of `pg`: it begins, ends and nests transactions, so that TypeORM's own work over memory, and refuses every
 * other statement.
 */
export class MemoryClient extends EventEmitter {
  private transaction: MemoryTransaction | undefined;
  private failed = false;
  private turns: Promise<unknown> = Promise.resolve();
  private ended = false;

  constructor(
    readonly database: MemoryDatabase,
    private readonly giveBack: (client: MemoryClient, destroyed: boolean) => void,
  ) {
    super();
  }

  /** Statements of one connection take turns. */
  query<Row>(query: SqlQuery | string): Promise<SqlResult<Row>> {
    return this.inTurn(() => this.answer(typeof query === 'string' ? query : query.text) as SqlResult<Row>);
  }

  /** Works as a statement does: in the open transaction, which a failure spoils, or else in one of its own. */
  run<Result>(work: MemoryWork<Result>): Promise<Result> {
    return this.inTurn(async () => {
      this.refuseWhenEnded();
      const { transaction } = this;
      if (transaction === undefined) return this.database.transaction(work);
      if (this.failed) throw new JobsError('The transaction has failed before; roll it back.');
      try {
        return await work(transaction);
      } catch (error) {
        this.failed = true;
        throw error;
      }
    });
  }

  getTransactionStatus(): string {
    if (this.transaction === undefined) return 'I';
    return this.failed ? 'E' : 'T';
  }

  release(error?: Error | boolean): void {
    if (error !== undefined && error !== false) this.cutOff();
    this.giveBack(this, this.ended);
  }

  async end(): Promise<void> {
    this.cutOff();
  }

  private cutOff(): void {
    this.ended = true;
    this.transaction?.rollBack();
    this.transaction = undefined;
  }

  private refuseWhenEnded(): void {
    if (this.ended) throw new JobsError('The connection was cut off; nothing it began can end well.');
  }

  private answer(text: string): SqlResult<unknown> {
    this.refuseWhenEnded();
    const statement = text.trim().replace(/;$/, '');
    const [, verb = '', rest = ''] =
      /^(start transaction|begin|commit|rollback to savepoint|rollback|savepoint|release savepoint|set)\b\s*(.*)$/is.exec(
        statement,
      ) ?? [];
    switch (verb.toLowerCase()) {
      case 'start transaction':
      case 'begin':
        this.transaction ??= this.database.begin();
        this.failed = false;
        return NOTHING;
      case 'commit':
        this.finish(!this.failed);
        return NOTHING;
      case 'rollback':
        this.finish(false);
        return NOTHING;
      case 'savepoint':
        this.transaction?.savepoint(rest);
        return NOTHING;
      case 'release savepoint':
        this.transaction?.releaseSavepoint(rest);
        return NOTHING;
      case 'rollback to savepoint':
        this.transaction?.rollBackTo(rest);
        this.failed = false;
        return NOTHING;
      case 'set':
        return NOTHING;
      default:
        return this.describeServer(statement);
    }
  }

  private describeServer(statement: string): SqlResult<unknown> {
    const [, row] = SERVER.find(([question]) => question.test(statement)) ?? [];
    if (row === undefined) throw new NoDatabaseError(statement);
    return { rows: [row], rowCount: 1 };
  }

  private finish(commit: boolean): void {
    const { transaction } = this;
    this.transaction = undefined;
    this.failed = false;
    if (commit) transaction?.commit();
    else transaction?.rollBack();
  }

  private inTurn<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const result = this.turns.then(work);
    this.turns = result.catch(() => undefined);
    return result;
  }
}
