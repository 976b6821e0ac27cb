import { PostgresActivityStore } from '../../../lib/engine/activity/postgres-activity-store.js';
import { PostgresMaintenanceStore } from '../../../lib/engine/maintenance/postgres-maintenance-store.js';
import { PostgresReceiverControlStore } from '../../../lib/engine/receivers/postgres-receiver-control-store.js';
import { PostgresRegistrationStore } from '../../../lib/engine/receivers/postgres-registration-store.js';
import { PostgresWakeUp } from '../../../lib/engine/wake-up/postgres-wake-up.js';
import { PostgresWorkerDirectory } from '../../../lib/engine/worker/postgres-worker-directory.js';
import type { WorkerSession } from '../../../lib/engine/liveness/worker-session.js';
import { jobTableNames } from '../../../lib/jobs/schema/job-table-names.js';
import { PostgresJobStore } from '../../../lib/jobs/store/postgres-job-store.js';
import { PostgresPendingStore } from '../../../lib/jobs/store/postgres-pending-store.js';
import { PostgresTriggerStore } from '../../../lib/jobs/store/postgres-trigger-store.js';
import type { FragileSession, RecordedActivity, StorageFixture } from '../../../lib/testing/index.js';
import { CHANNEL, LivenessFixture } from '../../engine/liveness/support/liveness-fixture.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

/** A case interrupts a delivery as often as this. */
const settings = { maxInterruptions: 2 } as const;

/** The stores on a database of their own, for the contract suites. */
export class PostgresStorage {
  private readonly proxies: TcpProxy[] = [];

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
    await engine.dataSource.query(
      `truncate ${jobNames.job}, ${jobNames.history}, ${jobNames.remembered}, ${names.receiverActivity}`,
    );
    const wakeUp = new PostgresWakeUp(database, CHANNEL);
    return {
      events: engine.events,
      deliveries: engine.deliveries,
      registration: new PostgresRegistrationStore(database, names),
      jobs: new PostgresJobStore(jobNames, clock),
      triggers: new PostgresTriggerStore(jobNames, names, clock),
      pending: new PostgresPendingStore(jobNames, clock),
      controls: new PostgresReceiverControlStore(names, clock),
      maintenance: new PostgresMaintenanceStore(database, names, clock),
      activity: new PostgresActivityStore(database, names, clock),
      directory: new PostgresWorkerDirectory(database, names, { appVersion: undefined, label: undefined }),
      wakeUp,
      clock,
      connection: database.connection,
      transaction: (work) => database.transaction(work),
      advance: (milliseconds) => {
        clock.offset += milliseconds;
      },
      session: (): WorkerSession => this.liveness.session({ settings }),
      fragile: () => this.fragile(),
      maxInterruptions: settings.maxInterruptions,
      recorded: (receiver) => this.recorded(receiver),
      close: async () => {
        wakeUp.stop();
        await this.liveness.reset();
        for (const proxy of this.proxies.splice(0)) await proxy.close();
      },
    };
  }

  /** Its connection leads through a proxy of its own. */
  private async fragile(): Promise<FragileSession> {
    const proxy = await TcpProxy.start(this.liveness.url);
    this.proxies.push(proxy);
    const session = this.liveness.session({ connection: { connectionString: proxy.url }, settings });
    let id = 0;
    return {
      session,
      cut: () => {
        id = session.workerId ?? 0;
        proxy.cut();
      },
      mend: () => proxy.reopen(),
      takenForDead: async () => {
        await this.liveness.workerIs(id, 'taken for dead', ({ state, ended }) => state === 'dead' && ended);
      },
    };
  }

  private recorded(receiver: number): Promise<readonly RecordedActivity[]> {
    return this.liveness.engine.rows<RecordedActivity>(
      `select worker, minute, succeeded, failed, dead, interrupted, milliseconds::int4 as milliseconds
       from ${this.liveness.names.receiverActivity} where receiver = $1`,
      [receiver],
    );
  }
}
