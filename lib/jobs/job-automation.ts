import { Inject, Injectable } from '@nestjs/common';
import { CommandReceivers } from './commands/command-receivers.js';
import { JobReceiversExplorer } from './decorators/job-receivers.explorer.js';
import { JobPlans } from './plans/job-plans.js';
import { TriggerReceivers } from './triggers/trigger-receivers.js';
import { JobTypeRegistry } from './types/job-type.registry.js';
import { JobTypesExplorer } from './types/job-types.explorer.js';
import { refuseBridgedFacts } from './facts/refuse-bridged-facts.js';
import { JOBS_OPTIONS } from '../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';

/** Everything about jobs that is a receiver: the application's own, those of triggers, and those of commands. */
@Injectable()
export class JobAutomation {
  constructor(
    private readonly types: JobTypesExplorer,
    private readonly registry: JobTypeRegistry,
    private readonly receivers: JobReceiversExplorer,
    private readonly triggers: TriggerReceivers,
    private readonly commands: CommandReceivers,
    @Inject(JOBS_OPTIONS) private readonly options: Pick<ResolvedJobsOptions, 'bridge'>,
  ) {}

  /** Finds the types and registers all receivers, before any of them is recorded. */
  async register(): Promise<void> {
    refuseBridgedFacts(this.options.bridge);
    this.types.explore();
    await new JobPlans(this.registry).check();
    await this.receivers.explore();
    this.triggers.register();
    this.commands.register();
  }
}
