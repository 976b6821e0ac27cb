import type { FactoryProvider, Provider } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';
import type { DataSource } from 'typeorm';
import { DEFAULT_DATA_SOURCE } from '../data-sources/default-data-source.js';
import { EngineDatabase } from '../engine/database/engine-database.js';
import { JOBS_DATA_SOURCE } from '../engine/database/jobs-data-source.token.js';
import { JOBS_OPTIONS } from '../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';
import { SchemaKeeper } from '../schema/schema-keeper.js';
import { CommandReceivers } from './commands/command-receivers.js';
import { JobReceiversExplorer } from './decorators/job-receivers.explorer.js';
import { JobAutomation } from './job-automation.js';
import { JobRemovals } from './removal/job-removals.js';
import { jobTableNames } from './schema/job-table-names.js';
import { JobStore } from './store/job-store.port.js';
import { PostgresPendingStore } from './store/postgres-pending-store.js';
import { PendingStore } from './store/pending-store.port.js';
import { PostgresTriggerStore } from './store/postgres-trigger-store.js';
import { TriggerStore } from './store/trigger-store.port.js';
import { ConditionSweep } from './sweeps/condition-sweep.js';
import { JobSweeps } from './sweeps/job-sweeps.js';
import { PendingRound } from './sweeps/pending-round.js';
import { SweepFailures } from './sweeps/sweep-failures.js';
import { SWEEP_NAME, SweepSchedule } from './sweeps/sweep-schedule.js';
import { TargetSweep } from './sweeps/target-sweep.js';
import { TargetResolver } from './targets/target-resolver.js';
import { EventJobs } from './triggers/event-jobs.js';
import { TriggerReceivers } from './triggers/trigger-receivers.js';
import { JobTypeRegistry } from './types/job-type.registry.js';
import { JobChanges } from './verbs/job-changes.js';

/** Jobs asked for their condition in one run, of each type. */
const CONDITION_PAGE = 200;
/** Jobs whose target is looked up in one run, of each type. */
const TARGET_PAGE = 500;
/** Milliseconds after its request in which a job's target may still be on its way. */
const TARGET_GRACE = 60_000;

const factories: readonly FactoryProvider[] = [
  {
    provide: TriggerStore,
    inject: [SchemaKeeper, JOBS_OPTIONS],
    useFactory: ({ effectiveSchema, names }: SchemaKeeper, { clock }: ResolvedJobsOptions) =>
      new PostgresTriggerStore(jobTableNames(effectiveSchema), names, clock),
  },
  {
    provide: PendingStore,
    inject: [SchemaKeeper, JOBS_OPTIONS],
    useFactory: ({ effectiveSchema }: SchemaKeeper, { clock }: ResolvedJobsOptions) =>
      new PostgresPendingStore(jobTableNames(effectiveSchema), clock),
  },
  {
    provide: SweepFailures,
    inject: [JOBS_OPTIONS],
    useFactory: (options: ResolvedJobsOptions) => new SweepFailures(options),
  },
  {
    provide: ConditionSweep,
    inject: [JobChanges, JobTypeRegistry, EngineDatabase, PendingStore, JobStore, SweepFailures],
    useFactory: (
      changes: JobChanges,
      types: JobTypeRegistry,
      database: EngineDatabase,
      pending: PendingStore,
      jobs: JobStore,
      failures: SweepFailures,
    ) => new ConditionSweep(changes, types, new PendingRound(database, pending, jobs, CONDITION_PAGE, 0), failures),
  },
  {
    provide: TargetSweep,
    inject: [
      JobRemovals,
      TargetResolver,
      JobTypeRegistry,
      EngineDatabase,
      PendingStore,
      JobStore,
      JOBS_DATA_SOURCE,
      SweepFailures,
    ],
    useFactory: (
      removals: JobRemovals,
      targets: TargetResolver,
      types: JobTypeRegistry,
      database: EngineDatabase,
      pending: PendingStore,
      jobs: JobStore,
      dataSource: DataSource,
      failures: SweepFailures,
    ) => {
      const round = new PendingRound(database, pending, jobs, TARGET_PAGE, TARGET_GRACE);
      const isKnown = (name: string): boolean => dataSource.entityMetadatas.some((entity) => entity.name === name);
      return new TargetSweep(removals, targets, types, round, isKnown, failures);
    },
  },
  {
    provide: SweepSchedule,
    inject: [JobSweeps, JOBS_OPTIONS, DiscoveryService, SweepFailures],
    useFactory: (
      sweeps: JobSweeps,
      { dataSource, sweep }: ResolvedJobsOptions,
      discovery: DiscoveryService,
      failures: SweepFailures,
    ) => new SweepSchedule(sweeps, sweepName(dataSource), sweep, () => applicationRegistry(discovery), failures),
  },
];

/** What goes on around jobs by itself: receivers, triggers, commands and sweeps. Needs what `job.providers.ts` provides. */
export const jobAutomationProviders: readonly Provider[] = [
  JobReceiversExplorer,
  EventJobs,
  TriggerReceivers,
  CommandReceivers,
  JobAutomation,
  JobRemovals,
  JobSweeps,
  ...factories,
];

function sweepName(dataSource: string): string {
  return dataSource === DEFAULT_DATA_SOURCE ? SWEEP_NAME : `${SWEEP_NAME}.${dataSource}`;
}

/** The registry of the application's `ScheduleModule`. */
function applicationRegistry(discovery: DiscoveryService): SchedulerRegistry | undefined {
  const provider = discovery.getProviders().find(({ token, isAlias }) => token === SchedulerRegistry && !isAlias);
  const registry: unknown = provider?.instance;
  return registry instanceof SchedulerRegistry ? registry : undefined;
}
