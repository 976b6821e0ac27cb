import type { ModuleRef } from '@nestjs/core';
import type { Abstract, Type } from '@nestjs/common';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';

/** One engine of the application under test: its options, and the parts it is made of. */
export class EngineUnderTest {
  /**
   * @param declared options as the application declares them.
   * @param options those the engine goes by.
   */
  constructor(
    readonly declared: ResolvedJobsOptions,
    readonly options: ResolvedJobsOptions,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** A part by its class or token; there are none before the application is compiled. */
  get<Part>(token: Type<Part> | Abstract<Part> | string | symbol): Part {
    return this.moduleRef.get<Part>(token, { strict: true });
  }
}
