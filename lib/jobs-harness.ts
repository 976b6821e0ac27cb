import type { ModuleRef } from '@nestjs/core';
import type { ResolvedJobsOptions } from './options/resolved-jobs-options.js';

/** What takes hold of the engines of an application in place of their workers: a global provider that production does not have. */
export const JOBS_HARNESS = Symbol.for('nestjs-jobs:harness');

/** Adopts each engine of the application before it is put together. */
export interface JobsHarness {
  /**
   * @param declared options as the application declares them.
   * @param moduleRef of the module that holds the parts of this engine.
   * @returns the options to go by.
   */
  adopt(declared: ResolvedJobsOptions, moduleRef: ModuleRef): ResolvedJobsOptions;
}
