import type { DataSource, EntityManager } from 'typeorm';
import { ForeignManagerError } from '../../errors/foreign-manager.error.js';
import { TransactionRequiredError } from '../../errors/transaction-required.error.js';
import { dataSourceOf } from './postgres-driver.js';

/** How a call says which transaction it joins. */
export interface JoinOptions {
  readonly manager?: EntityManager | undefined;
  readonly requireTransaction?: boolean | undefined;
}

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
   * @throws ForeignManagerError when it belongs to another data source.
   * @throws TransactionRequiredError when a transaction is required and none is open.
   */
  managerFor({ manager, requireTransaction = this.requireTransaction }: JoinOptions): EntityManager {
    // The data source's manager is read at each call: libraries that propagate transactions put their own in its place.
    const joined = manager ?? this.resolve?.() ?? this.dataSource.manager;
    const dataSource = dataSourceOf(joined);
    if (dataSource !== this.dataSource) throw new ForeignManagerError(nameOf(dataSource), nameOf(this.dataSource));
    if (requireTransaction && joined.queryRunner?.isTransactionActive !== true) throw new TransactionRequiredError();
    return joined;
  }
}

function nameOf(dataSource: DataSource): string {
  const name = 'name' in dataSource && typeof dataSource.name === 'string' ? dataSource.name : undefined;
  const { options } = dataSource;
  const named = name ?? ('name' in options && typeof options.name === 'string' ? options.name : 'default');
  return typeof options.database === 'string' ? `"${named}" (database "${options.database}")` : `"${named}"`;
}
