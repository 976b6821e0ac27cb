import { type DynamicModule, Module } from '@nestjs/common';
import { JOBS_HARNESS } from '../jobs-harness.js';
import { OptionChecks } from '../options/option-checks.js';
import { JobsTesting } from './jobs-testing.js';
import type { JobsTestingMode, JobsTestingOptions } from './jobs-testing-options.interface.js';
import { TestingHarness } from './testing-harness.js';

const MODES: readonly JobsTestingMode[] = ['inline', 'manual', 'recording'];
const checks = new OptionChecks('JobsTestingModule');

/**
 * Puts the engine of an application in the hands of a test. Import it beside the application's own module, and get {@link JobsTesting}:
 *
 * ```ts
 * const module = await Test.createTestingModule({ imports: [AppModule, JobsTestingModule.forRoot()] }).compile();
 * const app = await module.createNestApplication().init();
 * const jobs = app.get(JobsTesting);
 * ```
 *
 * Events and jobs are written to the database as ever. No worker starts and nothing sweeps by itself, whatever the application says.
 *
 * @publicApi
 */
@Module({})
export class JobsTestingModule {
  /** @throws InvalidOptionError, UnknownOptionError naming the option. */
  static forRoot(options: JobsTestingOptions = {}): DynamicModule {
    checks.object('', options, ['mode']);
    const mode = checks.oneOf('mode', options.mode ?? 'manual', MODES);
    const harness = new TestingHarness(mode);
    return {
      module: JobsTestingModule,
      global: true,
      providers: [
        // Made by a factory, so that Nest tells it when modules start and stop.
        { provide: JOBS_HARNESS, useFactory: () => harness },
        { provide: JobsTesting, useValue: new JobsTesting(harness) },
      ],
      exports: [JOBS_HARNESS, JobsTesting],
    };
  }
}
