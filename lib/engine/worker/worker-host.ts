import { AsyncResource } from 'node:async_hooks';
import { hostname } from 'node:os';
import type { ResolvedJobsOptions, ResolvedWorkerOptions } from '../../options/resolved-jobs-options.js';
import { ActivityRecorder } from '../activity/activity-recorder.js';
import { ActivityStore } from '../activity/activity.store.js';
import type { EngineDatabase } from '../database/engine-database.js';
import { postgresPool } from '../database/postgres-driver.js';
import type { DeliveryStore } from '../deliveries/delivery-store.js';
import type { RecentEvents } from '../deliveries/recent-events.js';
import { PostgresWorkerSession } from '../liveness/postgres-worker-session.js';
import type { WorkerSession } from '../liveness/worker-session.js';
import type { Lifecycle } from '../lifecycle/lifecycle.service.js';
import { Maintenance } from '../maintenance/maintenance.js';
import type { ReceiverControlStore } from '../receivers/receiver-control.store.js';
import type { Registration } from '../receivers/registration.js';
import type { ReceiverNumbers } from '../receivers/receiver-rows.js';
import type { TableNames } from '../schema/table-names.js';
import type { WakeUp } from '../wake-up/wake-up.js';
import { connectionBudget } from './connection-budget.js';
import { EventReader } from './event-reader.js';
import { Executor } from './executor.js';
import { OutcomePolicy } from './outcome-policy.js';
import { RunAnnouncer } from './run-announcer.js';
import { RunReporter } from './run-reporter.js';
import { TransactionSlots } from './transaction-slots.js';
import { Worker } from './worker.js';
import { WorkerDirectory } from './worker-directory.js';
import type { WorkerLimits } from './worker-limits.js';
import type { WorkerSettings } from './worker-settings.js';

/** Longest time a timer can wait, in milliseconds. */
const LONGEST_INTERVAL = 2 ** 31 - 1;

/** Puts the worker of this process together, starts and stops it. */
export class WorkerHost {
  private worker: Worker | undefined;
  private maintenance: Maintenance | undefined;
  // Everything a worker waits for lets the process end; a process that only works must not, just because it is idle.
  private keepAlive: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: EngineDatabase,
    private readonly names: TableNames,
    private readonly deliveries: DeliveryStore,
    private readonly registration: Registration,
    private readonly wakeUp: WakeUp,
    private readonly options: ResolvedJobsOptions,
    private readonly limits: WorkerLimits,
    private readonly lifecycle: Lifecycle,
    private readonly recent: RecentEvents,
    private readonly controls: ReceiverControlStore,
  ) {}

  /** Whether this process works and hears no notifications of others. */
  get isDeaf(): boolean {
    return this.worker?.hearsNotifications === false;
  }

  get isWorking(): boolean {
    return this.worker !== undefined;
  }

  /** Starts working, unless this process only emits. */
  async start(): Promise<void> {
    const { worker: asked } = this.options;
    if (asked === false || this.worker !== undefined) return;
    const receivers = await this.registration.ready();
    this.worker = this.createWorker(receivers, asked);
    const worker = this.worker;
    // Who emits wakes the worker; receivers are not to run in its asynchronous context, where its transaction may still be open.
    this.wakeUp.listen(AsyncResource.bind(() => worker.onWake()));
    await worker.start(receivers, await this.controls.read(this.database.connection));
    this.keepAlive = setInterval(() => undefined, LONGEST_INTERVAL);
    this.maintenance = new Maintenance(this.database, this.names, this.options.clock);
    this.maintenance.start();
  }

  /** Works for these receivers from now on. */
  follow(receivers: ReceiverNumbers): void {
    this.worker?.follow(receivers);
  }

  async stop(): Promise<void> {
    await this.maintenance?.stop();
    await this.worker?.stop();
    clearInterval(this.keepAlive);
  }

  private createWorker(receivers: ReceiverNumbers, asked: ResolvedWorkerOptions): Worker {
    const redact = this.options.redact ?? ((text: string): string => text);
    const settings = this.settings(receivers, asked);
    const policy = new OutcomePolicy(settings.maxInterruptions, redact);
    const activity = new ActivityStore(this.database, this.names, this.options.clock);
    const announcer = new RunAnnouncer(this.lifecycle);
    return new Worker({
      session: this.createSession(asked),
      events: new EventReader(this.database, this.deliveries, this.recent),
      executor: new Executor(policy, settings.settleLimit, announcer),
      policy,
      environment: {
        database: this.database,
        store: this.deliveries,
        transactionSlots: new TransactionSlots(settings.transactionalConcurrency),
      },
      reporter: new RunReporter(redact, this.options.onError),
      announcer,
      directory: new WorkerDirectory(this.database, this.names, this.options.appVersion),
      settings,
      createActivity: (worker) => new ActivityRecorder(activity, worker, this.limits.activityInterval),
      announceHandBack: () => this.wakeUp.handedBack(),
    });
  }

  private createSession(asked: ResolvedWorkerOptions): WorkerSession {
    return new PostgresWorkerSession({
      connection:
        asked.connection === undefined
          ? postgresPool(this.database.dataSource).options
          : { connectionString: asked.connection.url },
      names: this.names,
      channel: this.wakeUp.channel,
      ownCall: this.wakeUp.call,
      settings: { maxInterruptions: asked.maxInterruptions, poolerLease: asked.lease },
      host: hostname(),
      clock: this.options.clock,
    });
  }

  private settings(receivers: ReceiverNumbers, asked: ResolvedWorkerOptions): WorkerSettings {
    return {
      ...connectionBudget(this.database.poolSize, [...new Set(receivers.values())], asked),
      batch: asked.batch,
      pollInterval: asked.pollInterval,
      pollIntervalUnnotified: Math.min(asked.pollInterval, this.limits.pollIntervalUnnotified),
      shutdownGrace: asked.shutdownGrace,
      settleLimit: this.limits.settleLimit,
      staleAfter: this.limits.staleAfter,
      maxInterruptions: asked.maxInterruptions,
    };
  }
}
