import type { Type } from '@nestjs/common';
import { DEFAULT_DATA_SOURCE } from './default-data-source.js';

/** What stands for an exported service of one data source; for the default one that is the class itself. */
export function namedToken<Service>(
  service: Type<Service>,
  dataSource: string = DEFAULT_DATA_SOURCE,
): Type<Service> | symbol {
  return dataSource === DEFAULT_DATA_SOURCE ? service : Symbol.for(`nestjs-jobs:${service.name}@${dataSource}`);
}
