import type { FactoryProvider, Provider } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { EngineDatabase } from '../../engine/database/engine-database.js';
import { JOBS_OPTIONS } from '../../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../../options/resolved-jobs-options.js';
import { SchemaKeeper } from '../../schema/schema-keeper.js';
import { policyOf } from '../policy/discovered-policy.js';
import { jobTableNames } from '../schema/job-table-names.js';
import { JobChanges } from '../verbs/job-changes.js';
import { CursorSecretStore } from './cursor-secret.store.js';
import { JobCursors } from './job-cursors.js';
import { JobQueries } from './job-queries.service.js';
import { JobQueryStore } from './job-query.store.js';
import { JobReading } from './job-reading.js';

const factories: readonly FactoryProvider[] = [
  {
    provide: JobReading,
    inject: [JobChanges, EngineDatabase, SchemaKeeper, JOBS_OPTIONS],
    useFactory: (
      changes: JobChanges,
      database: EngineDatabase,
      { effectiveSchema }: SchemaKeeper,
      { clock, cursorSecret }: ResolvedJobsOptions,
    ) => {
      const names = jobTableNames(effectiveSchema);
      const secret = new CursorSecretStore(database, names, cursorSecret);
      return new JobReading(changes, new JobQueryStore(names, clock), new JobCursors(() => secret.read()));
    },
  },
  {
    provide: JobQueries,
    inject: [JobReading, DiscoveryService],
    useFactory: (reading: JobReading, discovery: DiscoveryService) =>
      new JobQueries(reading, () => policyOf(discovery)),
  },
];

/** Queries of jobs. Needs what `job.providers.ts` provides. */
export const jobQueryProviders: readonly Provider[] = factories;
