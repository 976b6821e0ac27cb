import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { UnknownDataSourceError } from '../errors/unknown-data-source.error.js';
import { JOBS_OPTIONS } from '../options/jobs-options.token.js';
import type { OptionChecks } from '../options/option-checks.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';
import { DEFAULT_DATA_SOURCE } from './default-data-source.js';
import { engineNames } from './engine-names.js';

/**
 * Says which declarations belong to this engine: an application may have one for each of its data sources, and each of them finds the
 * decorated classes of all.
 */
@Injectable()
export class DataSourceScope {
  constructor(
    private readonly discovery: DiscoveryService,
    @Inject(JOBS_OPTIONS) private readonly options: ResolvedJobsOptions,
  ) {}

  /** Name of this engine's data source. */
  get name(): string {
    return this.options.dataSource;
  }

  /**
   * Whether what a decorator declares belongs to this engine.
   *
   * @param dataSource what the decorator names; the default data source when it names none.
   * @throws InvalidOptionError when it is no name.
   * @throws UnknownDataSourceError when no `JobsModule` works on that data source, so that nobody would ever run it.
   */
  includes(dataSource: unknown, checks: OptionChecks): boolean {
    const named = dataSource ?? DEFAULT_DATA_SOURCE;
    if (named === this.name) return true;
    const name = checks.text('dataSource', named, 'the name of a data source that JobsModule is set up for');
    const known = engineNames(this.discovery);
    if (!known.includes(name)) throw new UnknownDataSourceError(checks.place, name, known);
    return false;
  }
}
