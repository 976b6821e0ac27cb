import type { Type } from '@nestjs/common';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { JobsError } from '../errors/jobs.error.js';
import { kindOf } from '../engine/text/kind-of.js';
import { JobsService } from '../jobs/jobs.service.js';
import { ReliableEvents } from '../events/reliable-events.service.js';
import { jobsExports } from '../jobs.providers.js';
import { namedToken } from './named-token.js';

/**
 * Token of any service that `JobsModule` exports, for the data source of a name.
 *
 * @param service the service's class, such as `JobSweeps`.
 * @param dataSource name given to `JobsModule.forRoot({ dataSource })`.
 * @returns the class itself for the default data source.
 * @throws JobsError when it is no service of the module; InvalidOptionError when the data source is no name.
 * @publicApi
 */
export function getJobsProviderToken<Service>(service: Type<Service>, dataSource?: string): Type<Service> | symbol {
  const given: unknown = service;
  if (!jobsExports.some((exported) => exported === given)) {
    const name = typeof given === 'function' ? given.name : `What was given, of kind ${kindOf(given)},`;
    throw new JobsError(
      `${name} is no service of JobsModule; there are ${jobsExports.map((exported) => exported.name).join(', ')}.`,
    );
  }
  const name: unknown = dataSource;
  if (name !== undefined && typeof name !== 'string')
    throw new InvalidOptionError('getJobsProviderToken', 'dataSource', 'the name given to JobsModule.forRoot', name);
  return namedToken(service, dataSource);
}

/**
 * Token of the `ReliableEvents` of a data source.
 *
 * @param dataSource name given to `JobsModule.forRoot({ dataSource })`; left out, the default one, whose token is the class.
 * @publicApi
 */
export function getReliableEventsToken(dataSource?: string): Type<ReliableEvents> | symbol {
  return getJobsProviderToken(ReliableEvents, dataSource);
}

/**
 * Token of the `JobsService` of a data source.
 *
 * @param dataSource name given to `JobsModule.forRoot({ dataSource })`; left out, the default one, whose token is the class.
 * @publicApi
 */
export function getJobsServiceToken(dataSource?: string): Type<JobsService> | symbol {
  return getJobsProviderToken(JobsService, dataSource);
}
