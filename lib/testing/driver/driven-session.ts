import { Claimer } from '../../engine/claiming/claimer.js';
import type { Clock } from '../../engine/clock/clock.js';
import type { EngineDatabase } from '../../engine/database/engine-database.js';
import { giveBackClient, postgresPool, takeClient } from '../../engine/database/postgres-driver.js';
import { unprepared } from '../../engine/database/unprepared.js';
import type {
  ClaimAnswer,
  ReceiverDemand,
  WorkerSession,
  WorkerSessionListener,
} from '../../engine/liveness/worker-session.js';
import type { TableNames } from '../../engine/schema/table-names.js';

/** No process is ever registered under it, so nobody takes a test's claims for those of a dead worker. */
const TEST_WORKER = 2_147_483_647;

/** A session that claims when it is told to, on any connection of the pool, and needs no proof that it lives. */
export class DrivenSession implements WorkerSession {
  readonly workerId = TEST_WORKER;
  readonly hearsNotifications = false;

  constructor(
    private readonly database: EngineDatabase,
    private readonly names: TableNames,
    private readonly clock: Clock,
  ) {}

  start(listener: WorkerSessionListener): Promise<void> {
    listener.onProven();
    return Promise.resolve();
  }

  /** Looks from the beginning each time: within one transaction, what is written later lies in the same place of the ready order. */
  async claim(demands: readonly ReceiverDemand[]): Promise<ClaimAnswer> {
    const client = await takeClient(postgresPool(this.database.dataSource));
    try {
      const claim = (): Promise<ClaimAnswer> =>
        new Claimer(this.names, this.clock).claim(unprepared(client), TEST_WORKER, demands);
      const answer = await claim();
      // What became due takes the place of the test's transaction, which a look before may have passed already.
      return answer.deliveries.length > 0 ? answer : await claim();
    } finally {
      giveBackClient(client);
    }
  }

  isProven(): boolean {
    return true;
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
