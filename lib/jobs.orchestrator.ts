import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { isRegisterStep } from './engine/receivers/register-step.js';
import { Registration } from './engine/receivers/registration.js';
import { WakeUp } from './engine/wake-up/wake-up.port.js';
import { WorkerHost } from './engine/worker/worker-host.js';
import { SweepSchedule } from './jobs/sweeps/sweep-schedule.js';

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
  ) {}

  async onModuleInit(): Promise<void> {
    await this.registration.ready();
  }

  async onApplicationBootstrap(): Promise<void> {
    if (isRegisterStep()) return;
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
