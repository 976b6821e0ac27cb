import type { Provider, Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { DataSourceScope } from './data-sources/data-source-scope.js';
import { ActivityStore } from './engine/activity/activity-store.port.js';
import { EngineDatabase } from './engine/database/engine-database.js';
import { engineProviders } from './engine/engine.providers.js';
import { RecentEvents } from './engine/deliveries/recent-events.js';
import { DeliveryStore } from './engine/deliveries/delivery-store.port.js';
import { EventStore } from './engine/deliveries/event-store.port.js';
import { EmissionAnnouncer } from './engine/lifecycle/emission-announcer.js';
import { Lifecycle } from './engine/lifecycle/lifecycle.service.js';
import { WorkerSessions } from './engine/liveness/worker-sessions.port.js';
import { MaintenanceStore } from './engine/maintenance/maintenance-store.port.js';
import { ReceiverControlStore } from './engine/receivers/receiver-control-store.port.js';
import { ReceiverRegistry } from './engine/receivers/receiver-registry.js';
import { isRegisterStep } from './engine/receivers/register-step.js';
import { Registration } from './engine/receivers/registration.js';
import { RegistrationStore } from './engine/receivers/registration-store.port.js';
import { SchemaKeeper } from './schema/schema-keeper.js';
import { WakeUp } from './engine/wake-up/wake-up.port.js';
import { WorkerDirectory } from './engine/worker/worker-directory.port.js';
import { WorkerHost } from './engine/worker/worker-host.js';
import { defaultWorkerLimits, WORKER_LIMITS, type WorkerLimits } from './engine/worker/worker-limits.js';
import { EmitInputFactory } from './events/emit-input.factory.js';
import { eventProviders } from './events/event.providers.js';
import { ReliableEventsExplorer } from './events/reliable-events.explorer.js';
import { InProcessEvents } from './events/sending/in-process-events.service.js';
import { ReliableEvents } from './events/reliable-events.service.js';
import { JobAutomation } from './jobs/job-automation.js';
import { jobAutomationProviders } from './jobs/job-automation.providers.js';
import { jobProviders } from './jobs/job.providers.js';
import { JobInsight } from './jobs/insight/job-insight.service.js';
import { JobsService } from './jobs/jobs.service.js';
import { JobQueries } from './jobs/queries/job-queries.service.js';
import { JobRemovals } from './jobs/removal/job-removals.js';
import { JobSweeps } from './jobs/sweeps/job-sweeps.js';
import { JobsOrchestrator } from './jobs.orchestrator.js';
import { operationsExports, operationsProviders } from './operations/operations.providers.js';
import { JOBS_OPTIONS } from './options/jobs-options.token.js';
import type { ResolvedJobsOptions } from './options/resolved-jobs-options.js';

/** Everything the module is made of. Needs `JOBS_OPTIONS` and `JOBS_DATA_SOURCE`. */
export const jobsProviders: readonly Provider[] = [
  ...engineProviders,
  Lifecycle,
  EmissionAnnouncer,
  ...eventProviders,
  ...jobProviders,
  ...jobAutomationProviders,
  ...operationsProviders,
  {
    provide: Registration,
    inject: [
      ReceiverRegistry,
      RegistrationStore,
      EventStore,
      EngineDatabase,
      SchemaKeeper,
      ReliableEventsExplorer,
      ModuleRef,
      JOBS_OPTIONS,
    ],
    useFactory: (
      registry: ReceiverRegistry,
      store: RegistrationStore,
      events: EventStore,
      database: EngineDatabase,
      schema: SchemaKeeper,
      explorer: ReliableEventsExplorer,
      moduleRef: ModuleRef,
      { register }: ResolvedJobsOptions,
    ) => {
      const prepare = async (): Promise<void> => {
        await explorer.explore();
        // Asked for late: what receives for jobs changes jobs, and so waits for the registration itself.
        await moduleRef.get(JobAutomation).register();
        await database.detectPooler();
        await schema.prepare();
      };
      const learn = (): Promise<void> => events.learnReceivers(database.connection);
      return new Registration(registry, store, prepare, register || isRegisterStep(), learn);
    },
  },
  { provide: WORKER_LIMITS, useValue: defaultWorkerLimits },
  {
    provide: WorkerHost,
    inject: [
      EngineDatabase,
      DeliveryStore,
      Registration,
      WakeUp,
      JOBS_OPTIONS,
      WORKER_LIMITS,
      Lifecycle,
      RecentEvents,
      ReceiverControlStore,
      WorkerSessions,
      ActivityStore,
      WorkerDirectory,
      MaintenanceStore,
    ],
    useFactory: (
      database: EngineDatabase,
      deliveries: DeliveryStore,
      registration: Registration,
      wakeUp: WakeUp,
      options: ResolvedJobsOptions,
      limits: WorkerLimits,
      lifecycle: Lifecycle,
      recent: RecentEvents,
      controls: ReceiverControlStore,
      sessions: WorkerSessions,
      activity: ActivityStore,
      directory: WorkerDirectory,
      maintenance: MaintenanceStore,
    ) =>
      new WorkerHost({
        database,
        deliveries,
        registration,
        wakeUp,
        options,
        limits,
        lifecycle,
        recent,
        controls,
        sessions,
        activity,
        directory,
        maintenance,
      }),
  },
  DataSourceScope,
  EmitInputFactory,
  ReliableEvents,
  JobsOrchestrator,
];

/** The services that applications inject. */
export const jobsExports: readonly Type[] = [
  ReliableEvents,
  InProcessEvents,
  JobsService,
  JobQueries,
  JobInsight,
  JobSweeps,
  JobRemovals,
  ...operationsExports,
  Lifecycle,
];
