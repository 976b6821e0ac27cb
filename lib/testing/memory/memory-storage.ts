import type { DynamicModule, InjectionToken, OptionalFactoryDependency } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { ActivityStore } from '../../engine/activity/activity-store.port.js';
import { EngineDatabase } from '../../engine/database/engine-database.js';
import { JOBS_DATA_SOURCE } from '../../engine/database/jobs-data-source.token.js';
import { DeliveryStore } from '../../engine/deliveries/delivery-store.port.js';
import { EventStore } from '../../engine/deliveries/event-store.port.js';
import { WorkerSessions } from '../../engine/liveness/worker-sessions.port.js';
import { MaintenanceStore } from '../../engine/maintenance/maintenance-store.port.js';
import { ReceiverControlStore } from '../../engine/receivers/receiver-control-store.port.js';
import { RegistrationStore } from '../../engine/receivers/registration-store.port.js';
import { WakeUp } from '../../engine/wake-up/wake-up.port.js';
import { WorkerDirectory } from '../../engine/worker/worker-directory.port.js';
import { JobsError } from '../../errors/jobs.error.js';
import { JobTally } from '../../jobs/insight/tally/job-tally.js';
import { JobStore } from '../../jobs/store/job-store.port.js';
import { PendingStore } from '../../jobs/store/pending-store.port.js';
import { TriggerStore } from '../../jobs/store/trigger-store.port.js';
import { SchemaKeeper } from '../../schema/schema-keeper.js';
import { MemoryClock } from './database/memory-clock.js';
import { MemoryDatabase } from './database/memory-database.js';
import { MemoryPool, type MemoryPoolOptions } from './database/memory-pool.js';
import { MemoryActivityStore } from './engine/memory-activity-store.js';
import { MemoryDeliveryStore } from './engine/memory-delivery-store.js';
import { MemoryEngineDatabase } from './engine/memory-engine-database.js';
import { MemoryEventStore } from './engine/memory-event-store.js';
import { MemoryMaintenanceStore } from './engine/memory-maintenance-store.js';
import { MemoryReceiverControlStore } from './engine/memory-receiver-control-store.js';
import { MemoryRegistrationStore } from './engine/memory-registration-store.js';
import { MemorySchemaKeeper } from './engine/memory-schema-keeper.js';
import { MemoryWakeUp } from './engine/memory-wake-up.js';
import { MemoryWorkerDirectory } from './engine/memory-worker-directory.js';
import { MemoryWorkerSessions } from './engine/memory-worker-sessions.js';
import { MemoryJobStore } from './jobs/memory-job-store.js';
import { MemoryJobTally } from './jobs/memory-job-tally.js';
import { MemoryPendingStore } from './jobs/memory-pending-store.js';
import { MemoryTriggerStore } from './jobs/memory-trigger-store.js';

interface OverrideFactory {
  readonly factory: (...dependencies: never[]) => unknown;
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
}

/** What is used of Nest's `TestingModuleBuilder`; a test passes the real one. */
export interface OverridableModule {
  overrideProvider(token: unknown): {
    useValue(value: unknown): unknown;
    useFactory(options: OverrideFactory): unknown;
  };
}

/**
 * Everything `JobsModule` keeps, in memory: unit tests of receivers, emitters and jobs need no database.
 *
 * ```ts
 * const memory = new MemoryStorage();
 * const builder = Test.createTestingModule({ imports: [memory.typeOrm(), JobsModule.forRoot(), OrdersModule] });
 * const app = await memory.replaceStorage(builder).compile();
 * ```
 *
 * The receivers run as they always do. What reads or writes by SQL is refused with a {@link NoDatabaseError}, which says what to do instead.
 *
 * @publicApi
 */
export class MemoryStorage {
  readonly clock: MemoryClock;
  /** What is kept, table by table. */
  readonly database: MemoryDatabase;
  readonly sessions: MemoryWorkerSessions;
  readonly wakeUp: MemoryWakeUp;
  /** Stands in for `pg`, as the option `driver` of a TypeORM data source. */
  readonly driver: { readonly Pool: new (options: MemoryPoolOptions) => MemoryPool };
  private dataSource: DataSource | undefined;

  /** @param clock the time of everything that is kept. */
  constructor(clock: MemoryClock = new MemoryClock()) {
    const database = new MemoryDatabase(clock);
    this.clock = clock;
    this.database = database;
    this.sessions = new MemoryWorkerSessions(database);
    this.wakeUp = new MemoryWakeUp(this.sessions);
    this.driver = {
      Pool: class extends MemoryPool {
        constructor(options: MemoryPoolOptions) {
          super(database, options);
        }
      },
    };
  }

  /** TypeORM without a database: transactions, savepoints and entities are real, statements are refused. */
  typeOrm(): DynamicModule {
    return TypeOrmModule.forRoot({ type: 'postgres', driver: this.driver, autoLoadEntities: true, retryAttempts: 0 });
  }

  /**
   * Puts memory in the place of PostgreSQL.
   *
   * @param builder what `Test.createTestingModule` answered.
   * @returns the same builder.
   */
  replaceStorage<Builder extends OverridableModule>(builder: Builder): Builder {
    const { database } = this;
    const values: readonly (readonly [token: unknown, value: unknown])[] = [
      [EventStore, new MemoryEventStore(database)],
      [DeliveryStore, new MemoryDeliveryStore(database)],
      [RegistrationStore, new MemoryRegistrationStore(database)],
      [ReceiverControlStore, new MemoryReceiverControlStore(database)],
      [MaintenanceStore, new MemoryMaintenanceStore(database)],
      [ActivityStore, new MemoryActivityStore(database)],
      [WorkerDirectory, new MemoryWorkerDirectory(database)],
      [WorkerSessions, this.sessions],
      [WakeUp, this.wakeUp],
      [JobStore, new MemoryJobStore(database)],
      [PendingStore, new MemoryPendingStore(database)],
      [TriggerStore, new MemoryTriggerStore(database)],
    ];
    for (const [token, value] of values) builder.overrideProvider(token).useValue(value);
    builder.overrideProvider(EngineDatabase).useFactory({
      factory: (dataSource: DataSource) => this.engineDatabase(dataSource),
      inject: [JOBS_DATA_SOURCE],
    });
    builder.overrideProvider(SchemaKeeper).useFactory({
      factory: (engine: EngineDatabase) => new MemorySchemaKeeper(engine, undefined, false),
      inject: [EngineDatabase],
    });
    builder.overrideProvider(JobTally).useFactory({
      factory: (engine: EngineDatabase) => new MemoryJobTally(engine),
      inject: [EngineDatabase],
    });
    return builder;
  }

  /**
   * Runs `work` in a transaction of its own: what was emitted and requested with its manager is there when it returns, and never was when
   * it throws.
   *
   * @throws JobsError before the module that uses this storage is compiled.
   */
  async transaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    if (this.dataSource === undefined) {
      throw new JobsError('MemoryStorage.transaction: compile the testing module that uses this storage first.');
    }
    return this.dataSource.transaction(work);
  }

  private engineDatabase(dataSource: DataSource): EngineDatabase {
    this.dataSource = dataSource;
    return new MemoryEngineDatabase(dataSource);
  }
}
