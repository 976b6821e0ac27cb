import type { DiscoveryService } from '@nestjs/core';
import { JOBS_OPTIONS } from '../options/jobs-options.token.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';

/** Names of the data sources for which an application has set `JobsModule` up. */
export function engineNames(discovery: DiscoveryService): readonly string[] {
  return discovery
    .getProviders()
    .filter(({ token, isAlias }) => token === JOBS_OPTIONS && !isAlias)
    .map(({ instance }) => (instance as ResolvedJobsOptions).dataSource);
}
