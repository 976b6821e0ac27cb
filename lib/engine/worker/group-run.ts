import type { EntityManager } from 'typeorm';

import type { ClaimedDelivery } from '../deliveries/claimed-delivery.js';
import { COMMITTED, type ExecutedRun, type Executor } from './executor.js';
import { GroupSavepoint } from './group-savepoint.js';
import type { WaitingDelivery } from './receiver-lane.js';
import type { ReceiverTransaction } from './receiver-transaction.js';
import type { Run } from './run.js';

/** Who begins the runs of a group, and is told of their ends. */
export interface GroupMembers {
  begin(waiting: WaitingDelivery, transaction: ReceiverTransaction): Run;
  ended(run: Run, executed: ExecutedRun): void;
  /** What so many of them did is taken back. */
  undone(count: number, error: unknown): void;
}

/** A run whose effect was taken back for no fault of its own. */
export interface UndoneRun {
  readonly waiting: WaitingDelivery;
  readonly run: Run;
}

/**
 * Deliveries of one receiver that run one after the other in one transaction, are acknowledged by one statement and committed together.
 *
 * One that fails is rolled back to its savepoint, and ends as it would alone. When the transaction fails, because of the commit, a lost
 * claim or a lost connection, nobody knows whose fault it is: what was done is undone and to be run again, each on its own.
 */
export class GroupRun {
  private readonly done: UndoneRun[] = [];
  private readonly alone: UndoneRun[] = [];
  private next = 0;

  /** @param limit milliseconds after which no further delivery begins: until it commits its locks are held, and what is done is not seen. */
  constructor(
    private waiting: readonly WaitingDelivery[],
    private readonly transaction: ReceiverTransaction,
    private readonly executor: Executor,
    private readonly members: GroupMembers,
    private readonly limit: number,
  ) {}

  /**
   * Runs the deliveries, until it took too long.
   *
   * @returns those to be run again, each on its own.
   */
  async execute(): Promise<readonly UndoneRun[]> {
    await this.transaction.takeSlot();
    if (this.next >= this.waiting.length) {
      this.transaction.leaveSlot();
      return [];
    }
    try {
      await this.transaction.run({
        do: (manager) => this.runAll(manager),
        handled: (): readonly ClaimedDelivery[] => this.done.map(({ run }) => run.delivery),
      });
    } catch (error) {
      const undone = [...this.done, ...this.alone];
      // Whoever is at fault fails with it again when it is alone.
      if (undone.length > 0) this.members.undone(undone.length, error);
      return undone;
    }
    for (const { run } of this.done) this.members.ended(run, COMMITTED);
    return this.alone;
  }

  /** Takes those that have not begun, which then do not. */
  takeRest(isTaken: (delivery: ClaimedDelivery) => boolean = () => true): readonly WaitingDelivery[] {
    const rest = this.waiting.slice(this.next);
    // They are of one receiver.
    if (!rest.every(({ delivery }) => isTaken(delivery))) return [];
    this.waiting = [];
    return rest;
  }

  private async runAll(manager: EntityManager): Promise<void> {
    const savepoint = await GroupSavepoint.open(manager);
    const until = performance.now() + this.limit;
    do {
      const waiting = this.waiting[this.next];
      if (waiting === undefined) return;
      this.next += 1;
      await this.runOne(waiting, manager, savepoint);
      if (this.transaction.isCutOff) return;
      savepoint.assertWhole();
    } while (performance.now() < until);
  }

  private async runOne(waiting: WaitingDelivery, manager: EntityManager, savepoint: GroupSavepoint): Promise<void> {
    const run = this.members.begin(waiting, this.transaction);
    const executed = await this.executor.execute(run, () => savepoint.around(() => run.executeIn(manager)));
    if (executed.outcome.kind === 'acknowledged') this.done.push({ run, waiting });
    else if (isConflict(executed.error)) this.alone.push({ run, waiting });
    else this.members.ended(run, executed);
  }
}

/** A deadlock or failed serialization (SQLSTATE class 40): two transactions were in each other's way, and a group's is longer than others. */
function isConflict(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^40/.test(error.code);
}
