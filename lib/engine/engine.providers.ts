import type { FactoryProvider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { JobsError } from '../errors/jobs.error.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';
import { JOBS_OPTIONS } from '../options/jobs-options.token.js';
import { EngineDatabase } from './database/engine-database.js';
import { JOBS_DATA_SOURCE } from './database/jobs-data-source.token.js';
import { TransactionJoiner } from './database/transaction-joiner.js';
import { RecentEvents } from './deliveries/recent-events.js';
import { postgresProviders } from './postgres.providers.js';
import { SchemaKeeper } from '../schema/schema-keeper.js';
import { AfterCommitSubscriber } from './wake-up/after-commit.subscriber.js';

const RECENT_EVENTS = 2_000;

/** The engine as Nest provides it. Needs `JOBS_OPTIONS` and `JOBS_DATA_SOURCE`. */
export const engineProviders: readonly FactoryProvider[] = [
  {
    provide: EngineDatabase,
    inject: [JOBS_DATA_SOURCE],
    useFactory: (dataSource: DataSource) => new EngineDatabase(dataSource),
  },
  {
    provide: SchemaKeeper,
    inject: [EngineDatabase, JOBS_OPTIONS],
    useFactory: (database: EngineDatabase, { schema, migrate }: ResolvedJobsOptions) =>
      new SchemaKeeper(database, schema, migrate),
  },
  {
    provide: TransactionJoiner,
    inject: [JOBS_DATA_SOURCE, JOBS_OPTIONS],
    useFactory: (dataSource: DataSource, { transactionManager, requireTransaction }: ResolvedJobsOptions) =>
      new TransactionJoiner(dataSource, transactionManager, requireTransaction),
  },
  {
    provide: RecentEvents,
    inject: [JOBS_OPTIONS],
    useFactory: ({ worker }: ResolvedJobsOptions) => new RecentEvents(worker === false ? 0 : RECENT_EVENTS),
  },
  {
    provide: AfterCommitSubscriber,
    inject: [JOBS_DATA_SOURCE],
    useFactory: (dataSource: DataSource) => {
      if (dataSource.subscribers.some((other) => other instanceof AfterCommitSubscriber)) {
        throw new JobsError(
          'JobsModule is set up twice for one data source, so two workers would run. Call forRoot once, in the root module; ' +
            'it is global, other modules need no import.',
        );
      }
      const subscriber = new AfterCommitSubscriber();
      dataSource.subscribers.push(subscriber);
      return subscriber;
    },
  },
  ...postgresProviders,
];
