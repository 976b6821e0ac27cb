import type { FactoryProvider, Provider } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { ConnectionApart } from '../engine/database/connection-apart.js';
import { EngineDatabase } from '../engine/database/engine-database.js';
import { JOBS_DATA_SOURCE } from '../engine/database/jobs-data-source.token.js';
import { TransactionJoiner } from '../engine/database/transaction-joiner.js';
import { EventStore } from '../engine/deliveries/event-store.port.js';
import { Registration } from '../engine/receivers/registration.js';
import { EmissionAnnouncer } from '../engine/lifecycle/emission-announcer.js';
import { AfterCommitSubscriber } from '../engine/wake-up/after-commit.subscriber.js';
import { WakeUp } from '../engine/wake-up/wake-up.port.js';
import { JOBS_OPTIONS } from '../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';
import { SchemaKeeper } from '../schema/schema-keeper.js';
import { JobFacts } from './facts/job-facts.js';
import { InsightStore } from './insight/insight-store.js';
import { JobTally } from './insight/tally/job-tally.js';
import { JobInsight } from './insight/job-insight.service.js';
import { JobsService } from './jobs.service.js';
import { JobPlans } from './plans/job-plans.js';
import { policyOf } from './policy/discovered-policy.js';
import { JobReading } from './queries/job-reading.js';
import { jobQueryProviders } from './queries/job-query.providers.js';
import { jobTableNames } from './schema/job-table-names.js';
import { PostgresJobStore } from './store/postgres-job-store.js';
import { JobStore } from './store/job-store.port.js';
import { TargetResolver } from './targets/target-resolver.js';
import { JobTypeRegistry } from './types/job-type.registry.js';
import { JobTypesExplorer } from './types/job-types.explorer.js';
import { JobChanges } from './verbs/job-changes.js';

const stores: readonly FactoryProvider[] = [
  {
    provide: JobStore,
    inject: [SchemaKeeper, JOBS_OPTIONS],
    useFactory: ({ effectiveSchema }: SchemaKeeper, { clock }: ResolvedJobsOptions) =>
      new PostgresJobStore(jobTableNames(effectiveSchema), clock),
  },
  {
    provide: JobFacts,
    inject: [EventStore, AfterCommitSubscriber, WakeUp, EmissionAnnouncer, JOBS_OPTIONS],
    useFactory: (
      events: EventStore,
      afterCommit: AfterCommitSubscriber,
      wakeUp: WakeUp,
      announcer: EmissionAnnouncer,
      { retention }: ResolvedJobsOptions,
    ) => new JobFacts(events, afterCommit, wakeUp, announcer, retention),
  },
  {
    provide: TargetResolver,
    inject: [JOBS_DATA_SOURCE],
    useFactory: (dataSource: DataSource) => new TargetResolver(dataSource),
  },
  {
    provide: ConnectionApart,
    inject: [EngineDatabase],
    useFactory: (database: EngineDatabase) => new ConnectionApart(database),
  },
  {
    provide: JobChanges,
    inject: [
      JOBS_DATA_SOURCE,
      EngineDatabase,
      ConnectionApart,
      TransactionJoiner,
      JobStore,
      JobTypeRegistry,
      TargetResolver,
      JobFacts,
      Registration,
    ],
    useFactory: (
      dataSource: DataSource,
      database: EngineDatabase,
      beside: ConnectionApart,
      joiner: TransactionJoiner,
      store: JobStore,
      types: JobTypeRegistry,
      targets: TargetResolver,
      facts: JobFacts,
      registration: Registration,
    ) =>
      new JobChanges(dataSource, database, beside, joiner, store, types, targets, facts, new JobPlans(types), () =>
        registration.ready(),
      ),
  },
  {
    provide: JobsService,
    inject: [JobChanges, JobReading, DiscoveryService],
    useFactory: (changes: JobChanges, reading: JobReading, discovery: DiscoveryService) =>
      new JobsService(changes, reading, () => policyOf(discovery)),
  },
  {
    provide: JobTally,
    inject: [EngineDatabase, SchemaKeeper],
    useFactory: (database: EngineDatabase, { effectiveSchema }: SchemaKeeper) =>
      new JobTally(database, jobTableNames(effectiveSchema)),
  },
  {
    provide: JobInsight,
    inject: [JobChanges, SchemaKeeper, JobTally, JOBS_OPTIONS],
    useFactory: (
      changes: JobChanges,
      { effectiveSchema }: SchemaKeeper,
      tally: JobTally,
      { clock }: ResolvedJobsOptions,
    ) => new JobInsight(changes, new InsightStore(jobTableNames(effectiveSchema), clock), tally),
  },
];

/** Jobs to be done. Needs the engine, `JOBS_OPTIONS` and Nest's `DiscoveryModule`. */
export const jobProviders: readonly Provider[] = [JobTypeRegistry, JobTypesExplorer, ...stores, ...jobQueryProviders];
