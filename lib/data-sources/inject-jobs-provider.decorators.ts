import { Inject, type Type } from '@nestjs/common';
import { getJobsProviderToken, getJobsServiceToken, getReliableEventsToken } from './jobs-provider.token.js';

type InjectDecorator = PropertyDecorator & ParameterDecorator;

/**
 * Injects any service that `JobsModule` exports, of the data source of a name.
 *
 * ```ts
 * constructor(@InjectJobsProvider(JobSweeps, 'billing') private readonly sweeps: JobSweeps) {}
 * ```
 *
 * @param service the service's class.
 * @param dataSource name given to `JobsModule.forRoot({ dataSource })`.
 * @throws JobsError when it is no service of the module.
 * @publicApi
 */
export function InjectJobsProvider(service: Type, dataSource?: string): InjectDecorator {
  return Inject(getJobsProviderToken(service, dataSource));
}

/**
 * Injects the `ReliableEvents` of the data source of a name.
 *
 * @param dataSource name given to `JobsModule.forRoot({ dataSource })`; left out, the default one.
 * @publicApi
 */
export function InjectReliableEvents(dataSource?: string): InjectDecorator {
  return Inject(getReliableEventsToken(dataSource));
}

/**
 * Injects the `JobsService` of the data source of a name.
 *
 * @param dataSource name given to `JobsModule.forRoot({ dataSource })`; left out, the default one.
 * @publicApi
 */
export function InjectJobsService(dataSource?: string): InjectDecorator {
  return Inject(getJobsServiceToken(dataSource));
}
