import type { Provider, Type } from '@nestjs/common';
import { EngineDatabase } from '../engine/database/engine-database.js';
import { EventStore } from '../engine/deliveries/event-store.js';
import { Lifecycle } from '../engine/lifecycle/lifecycle.service.js';
import { ReceiverControlStore } from '../engine/receivers/receiver-control.store.js';
import { RegistrationStore } from '../engine/receivers/registration-store.js';
import { Registration } from '../engine/receivers/registration.js';
import { WakeUp } from '../engine/wake-up/wake-up.js';
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
import { OperationsSession } from './operations.session.js';
import { ReceiverOverviewStore } from './receivers/receiver-overview.store.js';
import { Receivers } from './receivers/receivers.service.js';
import { KnownReceiversStore } from './receivers/known-receivers.store.js';
import { operationsTableNames } from './schema/operations-table-names.js';

/** Seeing what waits, runs and failed, and acting on it. Needs the engine and `JOBS_OPTIONS`. */
export const operationsProviders: readonly Provider[] = [
  {
    provide: AuditStore,
    inject: [SchemaKeeper, JOBS_OPTIONS],
    useFactory: ({ effectiveSchema }: SchemaKeeper, { clock }: ResolvedJobsOptions) =>
      new AuditStore(operationsTableNames(effectiveSchema), clock),
  },
  {
    provide: OperationsSession,
    inject: [EngineDatabase, WakeUp, Registration],
    useFactory: (database: EngineDatabase, wakeUp: WakeUp, registration: Registration) =>
      new OperationsSession(database, wakeUp, () => registration.ready()),
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
];

/** The services of operations that applications inject. */
export const operationsExports: readonly Type[] = [Deliveries, DeadLetters, EventLog, AuditLog, Receivers];
