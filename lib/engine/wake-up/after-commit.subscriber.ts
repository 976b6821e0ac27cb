import type { EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';

const LEVELS = Symbol.for('nestjs-jobs:after-commit');
const OUTSIDE = Symbol.for('nestjs-jobs:after-commit-outside');

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
    const outside = outsideOf(queryRunner);
    if (outside > 0 && levels.length <= outside) {
      callback();
      return;
    }
    const innermost = Math.max(levels.length - 1, 0);
    (levels[innermost] ??= new Set()).add(callback);
  }

  /**
   * Takes the transaction that is open now, and savepoints within it, for something that never ends: what begins from here on counts as a
   * transaction of its own, whose end calls back. Tests that roll back all they did are within such a one.
   *
   * @returns a function that ends it.
   */
  startWithin(queryRunner: QueryRunner): () => void {
    const data: RunnerData = queryRunner.data;
    data[OUTSIDE] = levelsOf(queryRunner).length;
    return () => {
      data[OUTSIDE] = undefined;
    };
  }

  afterTransactionStart({ queryRunner }: TransactionTold): void {
    levelsOf(queryRunner).push(undefined);
  }

  afterTransactionCommit({ queryRunner }: TransactionTold): void {
    if (queryRunner.isTransactionActive) {
      const released = release(levelsOf(queryRunner), outsideOf(queryRunner));
      released?.forEach((callback) => callback());
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
  [OUTSIDE]?: number | undefined;
}

/** Hands what waited in a savepoint to what is around it, or back when nothing around it counts. */
function release(levels: Levels, outside: number): Callbacks | undefined {
  const released = levels.pop();
  if (released === undefined || (outside > 0 && levels.length <= outside)) return released;
  const around = Math.max(levels.length - 1, 0);
  const waiting = (levels[around] ??= new Set());
  for (const callback of released) waiting.add(callback);
  return undefined;
}

/** How many of the levels count for nothing; 0 outside of tests. */
function outsideOf(queryRunner: QueryRunner): number {
  const data: RunnerData = queryRunner.data;
  return data[OUTSIDE] ?? 0;
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
