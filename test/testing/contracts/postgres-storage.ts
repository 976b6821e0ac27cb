import { PostgresRegistrationStore } from '../../../lib/engine/receivers/registration-store.js';
import { PostgresWakeUp } from '../../../lib/engine/wake-up/wake-up.js';
import type { WorkerSession } from '../../../lib/engine/liveness/worker-session.js';
import { jobTableNames } from '../../../lib/jobs/schema/job-table-names.js';
import { PostgresJobStore } from '../../../lib/jobs/store/job-store.js';
import type { StorageFixture } from '../../../lib/testing/index.js';
import { CHANNEL, LivenessFixture } from '../../engine/liveness/support/liveness-fixture.js';

/** The stores on a database of their own, for the contract suites. */
export class PostgresStorage {
  private constructor(private readonly liveness: LivenessFixture) {}

  static async create(): Promise<PostgresStorage> {
    return new PostgresStorage(await LivenessFixture.create());
  }

  close(): Promise<void> {
    return this.liveness.close();
  }

  /** Everything emptied. */
  async fixture(): Promise<StorageFixture> {
    const { engine } = this.liveness;
    const { database, names, clock } = engine;
    const jobNames = jobTableNames(undefined);
    await this.liveness.reset();
    await engine.reset({});
    await engine.dataSource.query(`truncate ${jobNames.job}, ${jobNames.history}, ${jobNames.remembered}`);
    const wakeUp = new PostgresWakeUp(database, CHANNEL);
    return {
      events: engine.events,
      deliveries: engine.deliveries,
      registration: new PostgresRegistrationStore(database, names),
      jobs: new PostgresJobStore(jobNames, clock),
      wakeUp,
      clock,
      connection: database.connection,
      transaction: (work) => database.transaction(work),
      advance: (milliseconds) => {
        clock.offset += milliseconds;
      },
      session: (): WorkerSession => this.liveness.session(),
      close: async () => {
        wakeUp.stop();
        await this.liveness.reset();
      },
    };
  }
}
