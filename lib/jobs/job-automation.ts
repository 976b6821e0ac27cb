import { Injectable } from '@nestjs/common';
import { CommandReceivers } from './commands/command-receivers.js';
import { JobReceiversExplorer } from './decorators/job-receivers.explorer.js';
import { JobPlans } from './plans/job-plans.js';
import { TriggerReceivers } from './triggers/trigger-receivers.js';
import { JobTypeRegistry } from './types/job-type.registry.js';
import { JobTypesExplorer } from './types/job-types.explorer.js';

/** Everything about jobs that is a receiver: the application's own, those of triggers, and those of commands. */
@Injectable()
export class JobAutomation {
  constructor(
    private readonly types: JobTypesExplorer,
    private readonly registry: JobTypeRegistry,
    private readonly receivers: JobReceiversExplorer,
    private readonly triggers: TriggerReceivers,
    private readonly commands: CommandReceivers,
  ) {}

  /** Finds the types and registers all receivers, before any of them is recorded. */
  async register(): Promise<void> {
    this.types.explore();
    await new JobPlans(this.registry).check();
    await this.receivers.explore();
    this.triggers.register();
    this.commands.register();
  }
}
