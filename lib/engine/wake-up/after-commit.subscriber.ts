import type { EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';

const WAITING = Symbol.for('nestjs-jobs:after-commit');

/** What TypeORM tells of a transaction's end, as far as it is used here. */
interface TransactionEnd {
  readonly queryRunner: QueryRunner;
}

/**
 * Calls back once the transaction of a manager has committed, and not at all when it rolls back.
 *
 * TypeORM awaits its hooks while the transaction's connection is held, and reports what they throw as a failure although the data is
 * committed; so nothing is awaited here, and callbacks must not throw. The hooks fire for savepoints, too: only the end of the
 * outermost transaction counts.
 */
export class AfterCommitSubscriber implements EntitySubscriberInterface {
  /** Calls back after the commit, or at once when the manager has no open transaction. Repeats of one callback count once. */
  after(manager: EntityManager, callback: () => void): void {
    const { queryRunner } = manager;
    if (queryRunner?.isTransactionActive !== true) {
      callback();
      return;
    }
    waitingOn(queryRunner).add(callback);
  }

  afterTransactionCommit({ queryRunner }: TransactionEnd): void {
    if (queryRunner.isTransactionActive) return;
    for (const callback of takeWaiting(queryRunner)) callback();
  }

  afterTransactionRollback({ queryRunner }: TransactionEnd): void {
    if (!queryRunner.isTransactionActive) takeWaiting(queryRunner);
  }
}

interface RunnerData {
  [WAITING]?: Set<() => void> | undefined;
}

function waitingOn(queryRunner: QueryRunner): Set<() => void> {
  const data: RunnerData = queryRunner.data;
  return (data[WAITING] ??= new Set());
}

function takeWaiting(queryRunner: QueryRunner): ReadonlySet<() => void> {
  const data: RunnerData = queryRunner.data;
  const waiting = data[WAITING] ?? new Set<() => void>();
  data[WAITING] = undefined;
  return waiting;
}
