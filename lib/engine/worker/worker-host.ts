import { AsyncResource } from 'node:async_hooks';
import type { ResolvedJobsOptions, ResolvedWorkerOptions } from '../../options/resolved-jobs-options.js';
import { ActivityRecorder } from '../activity/activity-recorder.js';
import type { ActivityStore } from '../activity/activity-store.port.js';
import type { EngineDatabase } from '../database/engine-database.js';
import { postgresPool } from '../database/postgres-driver.js';
import type { DeliveryStore } from '../deliveries/delivery-store.port.js';
import type { RecentEvents } from '../deliveries/recent-events.js';
import type { WorkerSessions } from '../liveness/worker-sessions.port.js';
import type { Lifecycle } from '../lifecycle/lifecycle.service.js';
import { Maintenance } from '../maintenance/maintenance.js';
import type { MaintenanceStore } from '../maintenance/maintenance-store.port.js';
import type { ReceiverControlStore } from '../receivers/receiver-control-store.port.js';
import type { Registration } from '../receivers/registration.js';
import type { ReceiverNumbers } from '../receivers/receiver-rows.js';
import { ReceiverSelection } from '../receivers/receiver-selection.js';
import type { WakeUp } from '../wake-up/wake-up.port.js';
import { connectionBudget } from './connection-budget.js';
import { EventReader } from './event-reader.js';
import { Executor } from './executor.js';
import { Forgotten, isTestProcess } from './forgotten.js';
import { OutcomePolicy } from './outcome-policy.js';
import { RunAnnouncer } from './run-announcer.js';
import { RunReporter } from './run-reporter.js';
import { TransactionSlots } from './transaction-slots.js';
import { endless } from './work-term.js';
import { Worker } from './worker.js';
import type { WorkerDirectory } from './worker-directory.port.js';
import type { WorkerLimits } from './worker-limits.js';
import type { WorkerSettings } from './worker-settings.js';

/** Longest time a timer can wait, in milliseconds. */
const LONGEST_INTERVAL = 2 ** 31 - 1;

/** What the worker of a process is put together from. */
export interface WorkerHostParts {
  readonly database: EngineDatabase;
  readonly deliveries: DeliveryStore;
  readonly registration: Registration;
  readonly wakeUp: WakeUp;
  readonly options: ResolvedJobsOptions;
  readonly limits: WorkerLimits;
  readonly lifecycle: Lifecycle;
  readonly recent: RecentEvents;
  readonly controls: ReceiverControlStore;
  readonly sessions: WorkerSessions;
  readonly activity: ActivityStore;
  readonly directory: WorkerDirectory;
  readonly maintenance: MaintenanceStore;
}

/** Puts the worker of this process together, starts and stops it. */
export class WorkerHost {
  private selection = new ReceiverSelection({});
  private worker: Worker | undefined;
  private maintenance: Maintenance | undefined;
  // Everything a worker waits for lets the process end; a process that only works must not, just because it is idle.
  private keepAlive: NodeJS.Timeout | undefined;
  private readonly forgotten = new Forgotten('A worker was still running when the tests ended');

  constructor(private readonly parts: WorkerHostParts) {}

  /** Whether this process works and hears no notifications of others. */
  get isDeaf(): boolean {
    return this.worker?.hearsNotifications === false;
  }

  get isWorking(): boolean {
    return this.worker !== undefined;
  }

  /** Starts working, unless this process only emits. */
  async start(): Promise<void> {
    const { worker: asked } = this.parts.options;
    if (asked === false || this.worker !== undefined) return;
    this.selection = new ReceiverSelection(asked);
    const receivers = this.selected(await this.parts.registration.ready());
    this.worker = this.createWorker(receivers, asked);
    const worker = this.worker;
    // Who emits wakes the worker; receivers are not to run in its asynchronous context, where its transaction may still be open.
    this.parts.wakeUp.listen(AsyncResource.bind(() => worker.onWake()));
    await worker.start(receivers, await this.parts.controls.read(this.parts.database.connection));
    if (isTestProcess()) this.forgotten.watch(postgresPool(this.parts.database.dataSource));
    else this.keepAlive = setInterval(() => undefined, LONGEST_INTERVAL);
    this.maintenance = new Maintenance(this.parts.maintenance);
    this.maintenance.start();
  }

  /** Works for these receivers from now on. */
  follow(receivers: ReceiverNumbers): void {
    this.worker?.follow(this.selected(receivers));
  }

  async stop(): Promise<void> {
    this.forgotten.closed();
    await this.maintenance?.stop();
    await this.worker?.stop();
    clearInterval(this.keepAlive);
  }

  /** Has a stop that is waited for, or comes, wait for no run: each is aborted and handed back at once. */
  force(): void {
    this.worker?.force();
  }

  private selected(receivers: ReceiverNumbers): ReceiverNumbers {
    return new Map([...receivers].filter(([, { id }]) => this.selection.includes(id)));
  }

  private createWorker(receivers: ReceiverNumbers, asked: ResolvedWorkerOptions): Worker {
    const redact = this.parts.options.redact ?? ((text: string): string => text);
    const settings = this.settings(receivers, asked);
    const policy = new OutcomePolicy(settings.maxInterruptions, redact);
    const announcer = new RunAnnouncer(this.parts.lifecycle);
    return new Worker({
      session: this.parts.sessions.create(asked),
      events: new EventReader(this.parts.database, this.parts.deliveries, this.parts.recent, settings.answerLimit),
      store: this.parts.deliveries,
      runs: {
        executor: new Executor(policy, settings.settleLimit, announcer),
        policy,
        environment: {
          database: this.parts.database,
          store: this.parts.deliveries,
          transactionSlots: new TransactionSlots(settings.transactionalConcurrency),
        },
        reporter: new RunReporter(redact, this.parts.options.onError),
        announcer,
        settleLimit: settings.settleLimit,
        groupLimit: this.parts.limits.groupLimit,
      },
      directory: this.parts.directory,
      settings,
      createActivity: (worker) => new ActivityRecorder(this.parts.activity, worker, this.parts.limits.activityInterval),
      announceHandBack: () => this.parts.wakeUp.handedBack(),
    });
  }

  private settings(receivers: ReceiverNumbers, asked: ResolvedWorkerOptions): WorkerSettings {
    return {
      ...connectionBudget(this.parts.database.poolSize, [...new Set(receivers.values())], asked),
      batch: asked.batch,
      pollInterval: asked.pollInterval,
      pollIntervalUnnotified: Math.min(asked.pollInterval, this.parts.limits.pollIntervalUnnotified),
      shutdownGrace: asked.shutdownGrace,
      settleLimit: this.parts.limits.settleLimit,
      answerLimit: this.parts.limits.answerLimit,
      staleAfter: this.parts.limits.staleAfter,
      maxInterruptions: asked.maxInterruptions,
      term: asked.term ?? endless,
    };
  }
}
