import type { Provider, Type } from '@nestjs/common';
import { ConnectionApart } from '../engine/database/connection-apart.js';
import { EngineDatabase } from '../engine/database/engine-database.js';
import { EventStore } from '../engine/deliveries/event-store.port.js';
import { Lifecycle } from '../engine/lifecycle/lifecycle.service.js';
import { ReceiverControlStore } from '../engine/receivers/receiver-control-store.port.js';
import { RegistrationStore } from '../engine/receivers/registration-store.port.js';
import { Registration } from '../engine/receivers/registration.js';
import { WakeUp } from '../engine/wake-up/wake-up.port.js';
import { WorkerHost } from '../engine/worker/worker-host.js';
import { JOBS_OPTIONS } from '../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';
import { SchemaKeeper } from '../schema/schema-keeper.js';
import { AuditLog } from './audit/audit-log.service.js';
import { AuditStore } from './audit/audit.store.js';
import { DeadLetters } from './dead-letters/dead-letters.service.js';
import { DeadLettersStore } from './dead-letters/dead-letters.store.js';
import { Deliveries } from './deliveries/deliveries.service.js';
import { OpenDeliveriesStore } from './deliveries/open-deliveries.store.js';
import { EventLog } from './events/event-log.service.js';
import { ReplayTargets } from './events/replay-targets.js';
import { ReplayStore } from './events/replay.store.js';
import { BacklogCheck } from './health/checks/backlog.check.js';
import { ClockCheck } from './health/checks/clock.check.js';
import { DeadLettersCheck } from './health/checks/dead-letters.check.js';
import { DeadRowsCheck } from './health/checks/dead-rows.check.js';
import { HorizonCheck } from './health/checks/horizon.check.js';
import { PoolCheck } from './health/checks/pool.check.js';
import { SchemaCheck } from './health/checks/schema.check.js';
import { WorkersCheck } from './health/checks/workers.check.js';
import { Health } from './health/health.service.js';
import { OperationsSession } from './operations.session.js';
import { Processes } from './processes/processes.service.js';
import { ReceiverOverviewStore } from './receivers/receiver-overview.store.js';
import { Receivers } from './receivers/receivers.service.js';
import { KnownReceiversStore } from './receivers/known-receivers.store.js';
import { Retention } from './retention/retention.service.js';
import { operationsTableNames } from './schema/operations-table-names.js';

/** Seeing what waits, runs and failed, and acting on it. Needs the engine and `JOBS_OPTIONS`. */
export const operationsProviders: readonly Provider[] = [
  {
    provide: AuditStore,
    inject: [SchemaKeeper, JOBS_OPTIONS, Lifecycle],
    useFactory: ({ effectiveSchema }: SchemaKeeper, { clock }: ResolvedJobsOptions, lifecycle: Lifecycle) =>
      new AuditStore(operationsTableNames(effectiveSchema), clock, lifecycle),
  },
  {
    provide: OperationsSession,
    inject: [EngineDatabase, WakeUp, AuditStore, Registration],
    useFactory: (database: EngineDatabase, wakeUp: WakeUp, audit: AuditStore, registration: Registration) =>
      new OperationsSession(database, wakeUp, audit, () => registration.ready()),
  },
  {
    provide: KnownReceiversStore,
    inject: [SchemaKeeper],
    useFactory: ({ names }: SchemaKeeper) => new KnownReceiversStore(names),
  },
  {
    provide: AuditLog,
    inject: [OperationsSession, SchemaKeeper],
    useFactory: (session: OperationsSession, { effectiveSchema }: SchemaKeeper) =>
      new AuditLog(session, operationsTableNames(effectiveSchema)),
  },
  {
    provide: Deliveries,
    inject: [OperationsSession, SchemaKeeper, KnownReceiversStore, AuditStore, JOBS_OPTIONS],
    useFactory: (
      session: OperationsSession,
      { names }: SchemaKeeper,
      receivers: KnownReceiversStore,
      audit: AuditStore,
      { clock }: ResolvedJobsOptions,
    ) => new Deliveries(session, names, new OpenDeliveriesStore(names, clock), receivers, audit),
  },
  {
    provide: DeadLetters,
    inject: [OperationsSession, SchemaKeeper, KnownReceiversStore, AuditStore, JOBS_OPTIONS],
    useFactory: (
      session: OperationsSession,
      { names }: SchemaKeeper,
      receivers: KnownReceiversStore,
      audit: AuditStore,
      { clock }: ResolvedJobsOptions,
    ) => new DeadLetters(session, names, new DeadLettersStore(names, clock), receivers, audit),
  },
  {
    provide: EventLog,
    inject: [OperationsSession, SchemaKeeper, EventStore, KnownReceiversStore, AuditStore, JOBS_OPTIONS],
    useFactory: (
      session: OperationsSession,
      { names }: SchemaKeeper,
      events: EventStore,
      receivers: KnownReceiversStore,
      audit: AuditStore,
      { clock }: ResolvedJobsOptions,
    ) => new EventLog(session, names, events, new ReplayStore(names, clock), new ReplayTargets(receivers), audit),
  },
  {
    provide: Retention,
    inject: [OperationsSession, SchemaKeeper, KnownReceiversStore, AuditStore, JOBS_OPTIONS],
    useFactory: (
      session: OperationsSession,
      { names }: SchemaKeeper,
      receivers: KnownReceiversStore,
      audit: AuditStore,
      { clock }: ResolvedJobsOptions,
    ) => new Retention(session, names, receivers, audit, clock),
  },
  {
    provide: Receivers,
    inject: [
      OperationsSession,
      SchemaKeeper,
      Registration,
      RegistrationStore,
      ReceiverControlStore,
      AuditStore,
      WakeUp,
      Lifecycle,
      JOBS_OPTIONS,
    ],
    useFactory: (
      session: OperationsSession,
      { names }: SchemaKeeper,
      registration: Registration,
      registered: RegistrationStore,
      controls: ReceiverControlStore,
      audit: AuditStore,
      wakeUp: WakeUp,
      lifecycle: Lifecycle,
      { clock }: ResolvedJobsOptions,
    ) => {
      const overviews = new ReceiverOverviewStore(names, clock);
      return new Receivers(session, { registration, registered, controls, overviews, audit, wakeUp, lifecycle });
    },
  },
  {
    provide: Processes,
    inject: [OperationsSession, SchemaKeeper],
    useFactory: (session: OperationsSession, { names }: SchemaKeeper) => new Processes(session, names),
  },
  {
    provide: Health,
    inject: [EngineDatabase, SchemaKeeper, WorkerHost, JOBS_OPTIONS],
    useFactory: (
      database: EngineDatabase,
      schema: SchemaKeeper,
      workerHost: WorkerHost,
      { clock }: ResolvedJobsOptions,
    ) => {
      const { names } = schema;
      return new Health(() => new ConnectionApart(database), {
        pool: new PoolCheck(() => database.poolState),
        clock: new ClockCheck(),
        schema: new SchemaCheck(schema),
        others: [
          new WorkersCheck(names, () => workerHost.isDeaf),
          new BacklogCheck(new ReceiverOverviewStore(names, clock)),
          new DeadLettersCheck(names, clock),
          new HorizonCheck(),
          new DeadRowsCheck(names),
        ],
      });
    },
  },
];

/** The services of operations that applications inject. */
export const operationsExports: readonly Type[] = [
  Deliveries,
  DeadLetters,
  EventLog,
  AuditLog,
  Receivers,
  Processes,
  Retention,
  Health,
];
