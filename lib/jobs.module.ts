import { Module, type DynamicModule, type InjectionToken, type Provider } from '@nestjs/common';
import { JobsError } from './errors/jobs.error.js';
import { JobsCoreModule } from './jobs-core.module.js';
import type {
  JobsDeclarationOptions,
  JobsModuleAsyncOptions,
  JobsModuleOptions,
  JobsOptionsFactory,
  JobsRuntimeOptions,
} from './options/jobs-module-options.interface.js';
import { DECLARED_JOBS_OPTIONS } from './options/jobs-options.token.js';
import { checkAsyncOptions, resolveAsyncJobsOptions, resolveJobsOptions } from './options/resolve-jobs-options.js';

/**
 * Reliable events on the application's own PostgreSQL.
 *
 * @publicApi
 */
@Module({})
export class JobsModule {
  /**
   * Sets the module up; without options too. Import it in the root module, once for each data source it shall work on: each has tables,
   * receivers, a worker and services of its own, those of a named one under tokens such as `getReliableEventsToken(name)`.
   *
   * @throws InvalidOptionError, UnknownOptionError, DurationError naming the option.
   */
  static forRoot(options: JobsModuleOptions = {}): DynamicModule {
    const resolved = resolveJobsOptions(options);
    const core = JobsCoreModule.forRoot({
      dataSource: resolved.dataSource,
      schema: resolved.schema,
      imports: [],
      optionsProviders: [{ provide: DECLARED_JOBS_OPTIONS, useValue: resolved }],
    });
    return declare(core, options);
  }

  /**
   * Sets the module up with options made by a factory. `dataSource`, `schema` and `isGlobal` decide providers and tables, so they stand
   * beside it.
   *
   * @throws JobsError when there is not exactly one of `useFactory`, `useClass` and `useExisting`.
   */
  static forRootAsync(options: JobsModuleAsyncOptions): DynamicModule {
    const declared = checkAsyncOptions(options);
    const core = JobsCoreModule.forRoot({
      ...declared,
      imports: options.imports ?? [],
      optionsProviders: asyncProviders(options, declared),
    });
    return declare(core, options);
  }
}

function declare(core: DynamicModule, { isGlobal = true }: JobsDeclarationOptions): DynamicModule {
  return { module: JobsModule, global: isGlobal, imports: [core], exports: [core] };
}

function asyncProviders(options: JobsModuleAsyncOptions, declared: JobsDeclarationOptions): Provider[] {
  const { useFactory, useClass, useExisting, inject = [] } = options;
  const ways = [useFactory, useClass, useExisting].filter((way) => way !== undefined);
  if (ways.length !== 1) throw new JobsError(wrongFactories(ways.length));
  if (useFactory !== undefined) {
    const make: (...dependencies: never[]) => JobsRuntimeOptions | Promise<JobsRuntimeOptions> = useFactory;
    return [
      {
        provide: DECLARED_JOBS_OPTIONS,
        inject,
        useFactory: async (...dependencies: never[]) => resolveAsyncJobsOptions(declared, await make(...dependencies)),
      },
    ];
  }
  const factory = (token: InjectionToken): Provider => ({
    provide: DECLARED_JOBS_OPTIONS,
    inject: [token],
    useFactory: async (made: JobsOptionsFactory) => resolveAsyncJobsOptions(declared, await made.createJobsOptions()),
  });
  return useClass === undefined
    ? [factory(useExisting as InjectionToken)]
    : [{ provide: useClass, useClass }, factory(useClass)];
}

function wrongFactories(count: number): string {
  return (
    `JobsModule.forRootAsync needs one of useFactory, useClass and useExisting, but was given ${count === 0 ? 'none' : count}. ` +
    'Without anything to wait for, use JobsModule.forRoot.'
  );
}
