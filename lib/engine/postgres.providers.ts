import type { FactoryProvider } from '@nestjs/common';
import { JOBS_OPTIONS } from '../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';
import { SchemaKeeper } from '../schema/schema-keeper.js';
import { PostgresActivityStore } from './activity/postgres-activity-store.js';
import { ActivityStore } from './activity/activity-store.port.js';
import { EngineDatabase } from './database/engine-database.js';
import { PostgresDeliveryStore } from './deliveries/postgres-delivery-store.js';
import { DeliveryStore } from './deliveries/delivery-store.port.js';
import { PostgresEventStore } from './deliveries/postgres-event-store.js';
import { EventStore } from './deliveries/event-store.port.js';
import { RecentEvents } from './deliveries/recent-events.js';
import { PostgresWorkerSessions } from './liveness/postgres-worker-sessions.js';
import { WorkerSessions } from './liveness/worker-sessions.port.js';
import { PostgresMaintenanceStore } from './maintenance/postgres-maintenance-store.js';
import { MaintenanceStore } from './maintenance/maintenance-store.port.js';
import { PostgresReceiverControlStore } from './receivers/postgres-receiver-control-store.js';
import { ReceiverControlStore } from './receivers/receiver-control-store.port.js';
import { PostgresRegistrationStore } from './receivers/postgres-registration-store.js';
import { RegistrationStore } from './receivers/registration-store.port.js';
import { notificationChannel } from './wake-up/notification-channel.js';
import { PostgresWakeUp } from './wake-up/postgres-wake-up.js';
import { WakeUp } from './wake-up/wake-up.port.js';
import { PostgresWorkerDirectory } from './worker/postgres-worker-directory.js';
import { WorkerDirectory } from './worker/worker-directory.port.js';

/** The engine's ports, each as it is on PostgreSQL. */
export const postgresProviders: readonly FactoryProvider[] = [
  {
    provide: EventStore,
    inject: [SchemaKeeper, JOBS_OPTIONS, RecentEvents],
    useFactory: ({ names }: SchemaKeeper, { clock }: ResolvedJobsOptions, recent: RecentEvents) =>
      new PostgresEventStore(names, clock, recent),
  },
  {
    provide: DeliveryStore,
    inject: [SchemaKeeper, JOBS_OPTIONS],
    useFactory: ({ names }: SchemaKeeper, { clock }: ResolvedJobsOptions) => new PostgresDeliveryStore(names, clock),
  },
  {
    provide: RegistrationStore,
    inject: [EngineDatabase, SchemaKeeper],
    useFactory: (database: EngineDatabase, { names }: SchemaKeeper) => new PostgresRegistrationStore(database, names),
  },
  {
    provide: ReceiverControlStore,
    inject: [SchemaKeeper, JOBS_OPTIONS],
    useFactory: ({ names }: SchemaKeeper, { clock }: ResolvedJobsOptions) =>
      new PostgresReceiverControlStore(names, clock),
  },
  {
    provide: WakeUp,
    inject: [EngineDatabase, SchemaKeeper],
    useFactory: (database: EngineDatabase, { names }: SchemaKeeper) =>
      new PostgresWakeUp(database, notificationChannel(names)),
  },
  {
    provide: WorkerSessions,
    inject: [EngineDatabase, SchemaKeeper, WakeUp, JOBS_OPTIONS],
    useFactory: (
      database: EngineDatabase,
      { names }: SchemaKeeper,
      wakeUp: PostgresWakeUp,
      { clock }: ResolvedJobsOptions,
    ) => new PostgresWorkerSessions(database, names, wakeUp, clock),
  },
  {
    provide: ActivityStore,
    inject: [EngineDatabase, SchemaKeeper, JOBS_OPTIONS],
    useFactory: (database: EngineDatabase, { names }: SchemaKeeper, { clock }: ResolvedJobsOptions) =>
      new PostgresActivityStore(database, names, clock),
  },
  {
    provide: WorkerDirectory,
    inject: [EngineDatabase, SchemaKeeper, JOBS_OPTIONS],
    useFactory: (database: EngineDatabase, { names }: SchemaKeeper, { appVersion, worker }: ResolvedJobsOptions) =>
      new PostgresWorkerDirectory(database, names, { appVersion, label: worker === false ? undefined : worker.label }),
  },
  {
    provide: MaintenanceStore,
    inject: [EngineDatabase, SchemaKeeper, JOBS_OPTIONS],
    useFactory: (database: EngineDatabase, { names }: SchemaKeeper, { clock }: ResolvedJobsOptions) =>
      new PostgresMaintenanceStore(database, names, clock),
  },
];
