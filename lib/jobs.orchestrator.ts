import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { presentCommand } from './command-line/commanded-process.js';
import { Lifecycle } from './engine/lifecycle/lifecycle.service.js';
import { isRegisterStep } from './engine/receivers/register-step.js';
import { Registration } from './engine/receivers/registration.js';
import { WakeUp } from './engine/wake-up/wake-up.port.js';
import { WorkerHost } from './engine/worker/worker-host.js';
import { SweepSchedule } from './jobs/sweeps/sweep-schedule.js';
import { Retention } from './operations/retention/retention.service.js';
import { JOBS_OPTIONS } from './options/jobs-options.token.js';
import type { ResolvedJobsOptions } from './options/resolved-jobs-options.js';

const SIGNAL_CHECK_DELAY = 1_000;

/**
 * Ties the engine to the life of the application: receivers are registered when modules initialise, work begins when all of them are
 * ready, and with it the sweeps, and ends before any of them shuts down. Emitting works until the data source closes.
 */
@Injectable()
export class JobsOrchestrator
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly logger = new Logger('JobsModule');
  private signalCheck: NodeJS.Timeout | undefined;

  constructor(
    private readonly registration: Registration,
    private readonly workerHost: WorkerHost,
    private readonly wakeUp: WakeUp,
    private readonly sweeps: SweepSchedule,
    private readonly lifecycle: Lifecycle,
    private readonly retention: Retention,
    @Inject(JOBS_OPTIONS) private readonly options: ResolvedJobsOptions,
  ) {}

  async onModuleInit(): Promise<void> {
    const receivers = await this.registration.ready();
    presentCommand()?.joined({
      dataSource: this.options.dataSource,
      receivers: [...receivers.values()].map(({ id }) => id),
      lifecycle: this.lifecycle,
      workerHost: this.workerHost,
      retention: this.retention,
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    if (isRegisterStep()) return;
    presentCommand()?.beforeWork();
    await this.workerHost.start();
    if (!this.workerHost.isWorking) return;
    this.sweeps.start();
    this.checkSignalsSoon();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.signalCheck);
    await this.sweeps.stop();
    await this.workerHost.stop();
  }

  onApplicationShutdown(): void {
    this.wakeUp.stop();
  }

  /** An application context is initialised before its creator can enable shutdown hooks, so the look comes a little later. */
  private checkSignalsSoon(): void {
    this.signalCheck = setTimeout(() => {
      if (process.listenerCount('SIGTERM') > 0) return;
      this.logger.warn(
        'Nothing listens for SIGTERM, so a deploy will cut running receivers off instead of letting them finish. ' +
          'Call app.enableShutdownHooks().',
      );
    }, SIGNAL_CHECK_DELAY).unref();
  }
}
