import { type BeforeApplicationShutdown, Logger, type OnModuleInit } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { postgresPool } from '../engine/database/postgres-driver.js';
import { Forgotten } from '../engine/worker/forgotten.js';
import { JobsError } from '../errors/jobs.error.js';
import type { JobsHarness } from '../jobs-harness.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';
import { TestClock } from './clock/test-clock.js';
import { EngineUnderTest } from './engine-under-test.js';
import type { JobsTestingMode } from './jobs-testing-options.interface.js';

/** Holds the engines of the application under test, and has them go by the test's clock and without workers of their own. */
export class TestingHarness implements JobsHarness, OnModuleInit, BeforeApplicationShutdown {
  readonly clock = new TestClock(() => this.databaseTime());
  private readonly logger = new Logger('JobsTesting');
  private readonly engines = new Map<string, EngineUnderTest>();
  private readonly forgotten = new Forgotten('An application with JobsTestingModule was not closed');

  constructor(readonly mode: JobsTestingMode) {}

  adopt(declared: ResolvedJobsOptions, moduleRef: ModuleRef): ResolvedJobsOptions {
    const options: ResolvedJobsOptions = { ...declared, clock: this.clock, worker: false, sweep: false };
    this.engines.set(declared.dataSource, new EngineUnderTest(declared, options, this.clock, moduleRef));
    return options;
  }

  onModuleInit(): void {
    for (const engine of this.engines.values()) {
      const { inline } = engine.controls;
      engine.memory?.clock.follow(this.clock);
      if (this.mode === 'inline') engine.onCommit(() => inline.onCommit());
      this.forgotten.watch(postgresPool(engine.database.dataSource));
    }
  }

  /** What receivers threw and nobody looked at is at least logged: depending on its version, Nest drops what this throws. */
  async beforeApplicationShutdown(): Promise<void> {
    this.forgotten.closed();
    for (const engine of this.engines.values()) {
      await engine.controls.inline.settled().catch((error: unknown) => this.logger.error(error));
      await engine.isolation.leave();
      await engine.controls.driver.stop();
    }
  }

  /**
   * The engine of a data source.
   *
   * @throws JobsError when there is none; it names those there are.
   */
  engineOf(dataSource: string): EngineUnderTest {
    const engine = this.engines.get(dataSource);
    if (engine !== undefined) return engine;
    const names = [...this.engines.keys()].map((name) => `"${name}"`).join(', ');
    throw new JobsError(
      names === ''
        ? 'No JobsModule is part of the application under test. Import it, or the application module that does, beside JobsTestingModule.'
        : `No JobsModule is set up for the data source "${dataSource}"; there are ${names}.`,
    );
  }

  private databaseTime(): Promise<number> {
    const [engine = this.engineOf('default')] = this.engines.values();
    return engine.storedTime();
  }
}
