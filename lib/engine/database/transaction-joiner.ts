import type { DataSource, EntityManager } from 'typeorm';
import { ForeignManagerError } from '../../errors/foreign-manager.error.js';
import { TransactionRequiredError } from '../../errors/transaction-required.error.js';
import { OptionChecks } from '../../options/option-checks.js';
import { dataSourceOf, isEntityManager, isInTransaction } from './postgres-driver.js';

/** How a call says which transaction it joins. */
export interface JoinOptions {
  readonly manager?: EntityManager | undefined;
  readonly requireTransaction?: boolean | undefined;
}

const checks = new OptionChecks('emit');

/** Finds the transaction a call joins: the manager it was given, then the one the application's resolver finds, then none. */
export class TransactionJoiner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly resolve: (() => EntityManager | undefined) | undefined,
    private readonly requireTransaction: boolean,
  ) {}

  /**
   * The manager whose connection to write on.
   *
   * @throws InvalidOptionError when it is none.
   * @throws ForeignManagerError when it belongs to another data source.
   * @throws TransactionRequiredError when a transaction is required and none is open.
   */
  async managerFor({ manager, requireTransaction = this.requireTransaction }: JoinOptions): Promise<EntityManager> {
    checks.boolean('requireTransaction', requireTransaction);
    const joined = this.find(manager);
    const dataSource = dataSourceOf(joined);
    if (dataSource !== this.dataSource) throw new ForeignManagerError(nameOf(dataSource), nameOf(this.dataSource));
    if (requireTransaction && !(await isInTransaction(joined))) throw new TransactionRequiredError();
    return joined;
  }

  private find(manager: EntityManager | undefined): EntityManager {
    if (manager !== undefined) return checkManager('manager', manager);
    const resolved = this.resolve?.();
    if (resolved !== undefined) return checkManager('transactionManager', resolved);
    // Read at each call: libraries that propagate transactions put their own in its place.
    return this.dataSource.manager;
  }
}

/** A query runner or repository has the same connection, but nothing would join its transaction. */
function checkManager(option: string, manager: EntityManager): EntityManager {
  if (isEntityManager(manager)) return manager;
  throw checks.invalid(option, 'an EntityManager, such as the one dataSource.transaction() hands out', manager);
}

function nameOf(dataSource: DataSource): string {
  const { driver, options } = dataSource;
  const name = 'name' in options && typeof options.name === 'string' ? options.name : 'default';
  const database = driver.database ?? options.database;
  return typeof database === 'string' ? `"${name}" (database "${database}")` : `"${name}"`;
}
