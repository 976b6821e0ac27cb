import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import type { ResolvedSweepOptions } from '../../options/resolved-jobs-options.js';
import type { JobSweeps } from './job-sweeps.js';
import type { SweepFailures } from './sweep-failures.js';

/** Name under which the sweep of the default data source stands in the scheduler registry; that of another has its name at the end. */
export const SWEEP_NAME = 'nestjs-jobs.sweep';

/** Has the sweeps run regularly, through @nestjs/schedule. */
export class SweepSchedule {
  private registry: SchedulerRegistry | undefined;
  private stopping = new AbortController();
  private passing: Promise<void> | undefined;

  /**
   * @param name under which it stands in the registry.
   * @param findRegistry the registry of the application's own `ScheduleModule`, when it has one. That module is not imported here: a second
   * one would run the application's crons a second time.
   */
  constructor(
    private readonly sweeps: JobSweeps,
    private readonly name: string,
    private readonly options: false | ResolvedSweepOptions,
    private readonly findRegistry: () => SchedulerRegistry | undefined,
    private readonly failures: SweepFailures,
  ) {}

  start(): void {
    if (this.options === false || this.registry !== undefined) return;
    this.stopping = new AbortController();
    this.registry = this.findRegistry() ?? new SchedulerRegistry();
    if ('every' in this.options) {
      const interval = setInterval(() => void this.pass(), this.options.every).unref();
      this.registry.addInterval(this.name, interval);
      return;
    }
    const job = CronJob.from({
      cronTime: this.options.cron,
      onTick: () => this.pass(),
      timeZone: this.options.timeZone ?? null,
      unrefTimeout: true,
    });
    this.registry.addCronJob(this.name, job);
    job.start();
  }

  /** Ends after the batch that is swept now. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const { registry } = this;
    this.registry = undefined;
    // The application's ScheduleModule may have emptied its registry before.
    if (registry?.doesExist('interval', this.name) === true) registry.deleteInterval(this.name);
    if (registry?.doesExist('cron', this.name) === true) registry.deleteCronJob(this.name);
    await this.passing;
  }

  /** One at a time: a pass that takes longer than the interval is not overtaken by the next. */
  private async pass(): Promise<void> {
    if (this.passing !== undefined || this.stopping.signal.aborted) return;
    this.passing = this.sweep();
    await this.passing;
    this.passing = undefined;
  }

  private async sweep(): Promise<void> {
    try {
      await this.sweeps.run({ signal: this.stopping.signal });
    } catch (error) {
      this.failures.report('A sweep did not finish and is done again later', error);
    }
  }
}
