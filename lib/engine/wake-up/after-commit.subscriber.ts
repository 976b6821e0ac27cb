import type { EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';

const LEVELS = Symbol.for('nestjs-jobs:after-commit');

/** What TypeORM tells of a transaction, as far as it is used here. */
interface TransactionTold {
  readonly queryRunner: QueryRunner;
}

type Callbacks = Set<() => void>;

/**
 * Calls back once the transaction of a manager has committed, and not at all when it, or the savepoint the manager was in, rolls back.
 *
 * TypeORM awaits its hooks while the transaction's connection is held, and reports what they throw as a failure although the data is
 * committed; so nothing is awaited here, and callbacks must not throw. The hooks fire for savepoints, too: what waits within one goes
 * over to what is around it when it is released, and is forgotten when it rolls back. Only the end of the outermost transaction calls back.
 */
export class AfterCommitSubscriber implements EntitySubscriberInterface {
  /** Calls back after the commit, or at once when the manager has no open transaction. Repeats of one callback count once. */
  after(manager: EntityManager, callback: () => void): void {
    const { queryRunner } = manager;
    if (queryRunner?.isTransactionActive !== true) {
      callback();
      return;
    }
    const levels = levelsOf(queryRunner);
    const innermost = Math.max(levels.length - 1, 0);
    (levels[innermost] ??= new Set()).add(callback);
  }

  afterTransactionStart({ queryRunner }: TransactionTold): void {
    levelsOf(queryRunner).push(undefined);
  }

  afterTransactionCommit({ queryRunner }: TransactionTold): void {
    if (queryRunner.isTransactionActive) {
      release(levelsOf(queryRunner));
      return;
    }
    for (const callbacks of takeLevels(queryRunner)) callbacks?.forEach((callback) => callback());
  }

  afterTransactionRollback({ queryRunner }: TransactionTold): void {
    if (queryRunner.isTransactionActive) levelsOf(queryRunner).pop();
    else takeLevels(queryRunner);
  }
}

/** What waits in a transaction, the first, and in each savepoint within it; most wait for nothing. */
type Levels = (Callbacks | undefined)[];

interface RunnerData {
  [LEVELS]?: Levels | undefined;
}

function release(levels: Levels): void {
  const released = levels.pop();
  if (released === undefined) return;
  const around = Math.max(levels.length - 1, 0);
  const waiting = (levels[around] ??= new Set());
  for (const callback of released) waiting.add(callback);
}

function levelsOf(queryRunner: QueryRunner): Levels {
  const data: RunnerData = queryRunner.data;
  return (data[LEVELS] ??= []);
}

function takeLevels(queryRunner: QueryRunner): Levels {
  const data: RunnerData = queryRunner.data;
  const levels = data[LEVELS] ?? [];
  data[LEVELS] = undefined;
  return levels;
}
