import { Module, type DynamicModule, type ModuleMetadata, type Provider } from '@nestjs/common';
import { DiscoveryModule, ModuleRef } from '@nestjs/core';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { JOBS_DATA_SOURCE } from './engine/database/jobs-data-source.token.js';
import { namedProviders } from './data-sources/named-providers.js';
import { namedToken } from './data-sources/named-token.js';
import { JOBS_HARNESS, type JobsHarness } from './jobs-harness.js';
import { presentCommand } from './command-line/commanded-process.js';
import { DECLARED_JOBS_OPTIONS, JOBS_OPTIONS } from './options/jobs-options.token.js';
import { autoLoadedEntities, placeAutoLoadedEntities } from './schema/auto-loaded-entities.js';
import { jobsExports, jobsProviders } from './jobs.providers.js';
import type { ResolvedJobsOptions } from './options/resolved-jobs-options.js';

/** Depends on nothing, so that it is among the first that Nest makes. */
const ENTITIES_PLACED = Symbol.for('nestjs-jobs:entities-placed');

/** What the core needs to know when the module is declared. */
export interface JobsCoreDeclaration extends Pick<ResolvedJobsOptions, 'dataSource' | 'schema'> {
  /** Modules that what makes the options injects from. */
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  /** Provide `DECLARED_JOBS_OPTIONS`. */
  readonly optionsProviders: readonly Provider[];
}

/** Everything behind `JobsModule`: the discovery of receivers, the engine and its entities. */
@Module({})
export class JobsCoreModule {
  static forRoot({ dataSource, schema, imports, optionsProviders }: JobsCoreDeclaration): DynamicModule {
    return {
      module: JobsCoreModule,
      imports: [
        DiscoveryModule,
        TypeOrmModule.forFeature([...autoLoadedEntities(dataSource, schema)], dataSource),
        ...imports,
      ],
      providers: [
        { provide: ENTITIES_PLACED, useFactory: () => placeAutoLoadedEntities(dataSource, schema) },
        ...optionsProviders,
        {
          provide: JOBS_OPTIONS,
          inject: [DECLARED_JOBS_OPTIONS, ModuleRef, { token: JOBS_HARNESS, optional: true }],
          useFactory: (declared: ResolvedJobsOptions, moduleRef: ModuleRef, harness?: JobsHarness) => {
            // A process that was started by a command works as that says.
            const asked = presentCommand()?.options(declared) ?? declared;
            return harness === undefined ? asked : harness.adopt(asked, moduleRef);
          },
        },
        { provide: JOBS_DATA_SOURCE, useExisting: getDataSourceToken(dataSource) },
        ...namedProviders(jobsProviders, jobsExports, dataSource),
      ],
      exports: jobsExports.map((service) => namedToken(service, dataSource)),
    };
  }
}
