import type { Abstract, Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { namedToken } from '../data-sources/named-token.js';
import { EngineDatabase } from '../engine/database/engine-database.js';
import { postgresPool } from '../engine/database/postgres-driver.js';
import { EmissionAnnouncer } from '../engine/lifecycle/emission-announcer.js';
import { WakeUp } from '../engine/wake-up/wake-up.port.js';
import { EventCatalogue } from '../events/definition/event-catalogue.js';
import { jobsExports } from '../jobs.providers.js';
import type { ResolvedJobsOptions } from '../options/resolved-jobs-options.js';
import type { TestClock } from './clock/test-clock.js';
import { createDriver } from './driver/create-driver.js';
import type { DeliveredRun } from './driver/delivered-run.js';
import type { DeliveryDriver } from './driver/delivery-driver.js';
import { InlineRuns } from './inline-runs.js';
import type { MemoryDatabase } from './memory/database/memory-database.js';
import { MemoryPool } from './memory/database/memory-pool.js';
import { EmissionRecord } from './record/emission-record.js';
import { TestIsolation } from './transaction/test-isolation.js';

/** What a test has in its hands once the engine is put together. */
export interface EngineControls {
  readonly driver: DeliveryDriver;
  readonly emissions: EmissionRecord;
  readonly inline: InlineRuns;
}

/** One engine of the application under test: its options, the parts it is made of, and what happened in it. */
export class EngineUnderTest {
  /** Runs, in the order in which they ended. */
  runs: DeliveredRun[] = [];
  /** The transaction the test is in, when it is in one. */
  readonly isolation = new TestIsolation(this);
  private taken: EngineControls | undefined;

  /**
   * @param declared options as the application declares them.
   * @param options those the engine goes by.
   */
  constructor(
    readonly declared: ResolvedJobsOptions,
    readonly options: ResolvedJobsOptions,
    private readonly clock: TestClock,
    private readonly moduleRef: ModuleRef,
  ) {}

  get database(): EngineDatabase {
    return this.get(EngineDatabase);
  }

  /** The memory that this engine keeps everything in; `undefined` on a database. */
  get memory(): MemoryDatabase | undefined {
    const pool: unknown = postgresPool(this.database.dataSource);
    return pool instanceof MemoryPool ? pool.database : undefined;
  }

  /** Milliseconds of the storage's clock, without what the test moved it by. */
  async storedTime(): Promise<number> {
    const { memory } = this;
    if (memory !== undefined) return memory.clock.now().getTime() - this.clock.offset;
    const { rows } = await this.database.connection.runUnprepared<{ now: number }>(
      'select extract(epoch from clock_timestamp())::float8 * 1000 as now',
    );
    return Number(rows[0]?.now);
  }

  /** Takes the engine over; from then on its commits are heard. */
  get controls(): EngineControls {
    if (this.taken !== undefined) return this.taken;
    const emissions = new EmissionRecord(this.get(EventCatalogue));
    const driver = createDriver(this, this.clock, (run) => this.runs.push(run));
    const inline = new InlineRuns(() => driver.drain({}, () => false));
    this.get(EmissionAnnouncer).observe((inputs, written) => emissions.keep(inputs, written));
    return (this.taken = { driver, emissions, inline });
  }

  /** Calls back at each commit after which there may be something to run. */
  onCommit(listener: () => void): void {
    this.get(WakeUp).listen(listener);
  }

  /** A part by its class or token; there are none before the application is compiled. */
  get<Part>(token: Type<Part> | Abstract<Part> | string | symbol): Part {
    // What the module exports stands under tokens of its data source, and under its class for the default one alone.
    const exported = jobsExports.find((service) => service === token);
    const here = exported === undefined ? token : namedToken(exported, this.declared.dataSource);
    return this.moduleRef.get<Part>(here, { strict: true });
  }
}
