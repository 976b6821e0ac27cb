import type { Provider, Type } from '@nestjs/common';
import { SchemaKeeper } from '../schema/schema-keeper.js';
import { JOBS_OPTIONS } from '../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';
import { AuditStore } from './audit/audit.store.js';
import { operationsTableNames } from './schema/operations-table-names.js';

/** Seeing what waits, runs and failed, and acting on it. Needs the engine and `JOBS_OPTIONS`. */
export const operationsProviders: readonly Provider[] = [
  {
    provide: AuditStore,
    inject: [SchemaKeeper, JOBS_OPTIONS],
    useFactory: ({ effectiveSchema }: SchemaKeeper, { clock }: ResolvedJobsOptions) =>
      new AuditStore(operationsTableNames(effectiveSchema), clock),
  },
];

/** The services of operations that applications inject. */
export const operationsExports: readonly Type[] = [];
