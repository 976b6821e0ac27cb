import type { EntityManager } from 'typeorm';
import { DEFAULT_DATA_SOURCE } from '../data-sources/default-data-source.js';
import { Maintenance } from '../engine/maintenance/maintenance.js';
import { MaintenanceStore } from '../engine/maintenance/maintenance-store.port.js';
import { JobsError } from '../errors/jobs.error.js';
import type { EventInstance } from '../events/definition/event-types.js';
import type { EmittedEvent } from '../events/emit-options.interface.js';
import type { Emission } from '../events/emission.js';
import { ReliableEvents } from '../events/reliable-events.service.js';
import { type JobSweepCounts, JobSweeps } from '../jobs/sweeps/job-sweeps.js';
import type { TestClock } from './clock/test-clock.js';
import type { DeliverOptions } from './deliver/deliver-options.interface.js';
import { LoneDelivery } from './deliver/lone-delivery.js';
import type { DeliveredRun } from './driver/delivered-run.js';
import type { DrainOptions } from './driver/drain-options.interface.js';
import type { EngineControls } from './engine-under-test.js';
import type { JobsTestingMode } from './jobs-testing-options.interface.js';
import { ObservedJobs } from './observed-jobs.js';
import { Scenario } from './scenario/scenario.js';
import type { TestingHarness } from './testing-harness.js';

/**
 * What a test does with events and jobs of the application under test: runs them, moves time, and looks at what happened.
 *
 * @publicApi
 */
export class JobsTesting extends ObservedJobs {
  /** @internal */
  constructor(harness: TestingHarness, dataSource: string = DEFAULT_DATA_SOURCE) {
    super(harness, dataSource);
  }

  /** What becomes of deliveries. */
  get mode(): JobsTestingMode {
    return this.harness.mode;
  }

  /** The time that delays, retries, expiry, retention and sweeps go by. */
  get clock(): TestClock {
    return this.harness.clock;
  }

  /**
   * The same for another data source of the application.
   *
   * @param dataSource name given to `JobsModule.forRoot({ dataSource })`.
   */
  of(dataSource: string): JobsTesting {
    return new JobsTesting(this.harness, dataSource);
  }

  /**
   * Runs the deliveries that are ready, one after the other, and what those lead to. Deliveries that are put off wait until the clock is
   * moved, or for `withDelayed`.
   *
   * @returns what ran, in order, with its outcome; a receiver that fails does not end the drain.
   * @throws JobsError in mode `recording`, beyond the limit, and when it is called by a receiver.
   */
  async drain(options: DrainOptions = {}): Promise<readonly DeliveredRun[]> {
    const { driver, emissions } = this.running('drain');
    return driver.drain(options, emissions.watch());
  }

  /**
   * Runs the one delivery that is first in order.
   *
   * @returns what ran; `undefined` when nothing is ready.
   * @throws JobsError in mode `recording`, and when it is called by a receiver.
   */
  async runNext(): Promise<DeliveredRun | undefined> {
    return this.running('runNext').driver.runNext();
  }

  /**
   * In mode `inline`, resolves when every receiver has run whose event was committed, and what that led to.
   *
   * @throws ReceiversFailedError when receivers failed since it was last called.
   */
  async settled(): Promise<void> {
    await this.engine.controls.inline.settled();
  }

  /** In mode `inline`, what receivers threw since `settled` was last called. */
  get errors(): readonly unknown[] {
    return this.engine.controls.inline.errors;
  }

  /**
   * Runs one receiver with one event, alone: nothing is written but what the receiver writes, and no other receiver hears of it.
   *
   * @param receiver its id.
   * @param event instance of an event's class, or what `emission(name or definition, payload)` makes.
   * @returns what it led to; what it throws is in it.
   * @throws JobsError when there is no such receiver; the errors of `emit` when the event cannot be emitted.
   */
  async deliver(
    receiver: string,
    event: EventInstance | Emission,
    options: DeliverOptions = {},
  ): Promise<DeliveredRun> {
    const { engine } = this;
    const run = (): Promise<DeliveredRun> => new LoneDelivery(engine).run(receiver, event, options);
    return options.transaction === 'rollback'
      ? engine.isolation.rolledBack("deliver with transaction: 'rollback'", run)
      : run();
  }

  /**
   * Emits an event in a transaction of its own, as `ReliableEvents.emit` does.
   *
   * @param event instance of an event's class, or what `emission(name or definition, payload)` makes.
   */
  async emit(event: EventInstance | Emission): Promise<EmittedEvent> {
    const [emitted] = await this.engine.get(ReliableEvents).emitMany([event]);
    if (emitted === undefined) throw new JobsError('The event was not emitted.');
    return emitted;
  }

  /** Does what is due by the time alone, as the application's sweeps would: expiry, due times, snoozes, claims that lapsed. */
  async sweep(): Promise<JobSweepCounts> {
    return this.engine.get(JobSweeps).run();
  }

  /**
   * Removes events that are past their retention, as workers do.
   *
   * @returns how many were removed.
   */
  async purge(): Promise<number> {
    return new Maintenance(this.engine.get(MaintenanceStore)).purge();
  }

  /** Forgets what was emitted, requested, delivered and thrown; what is written stays, and waits for the next drain. */
  clear(): void {
    const { engine } = this;
    engine.runs = [];
    engine.controls.emissions.clear();
    engine.controls.inline.clear();
  }

  /**
   * Describes what a piece of work leads to, however many receivers and jobs there are between.
   *
   * @param stimulus does something, or emits an event in a transaction of its own.
   */
  scenario(stimulus: (() => unknown) | EventInstance | Emission): Scenario {
    return new Scenario(this, stimulus);
  }

  /**
   * Begins a transaction in which from here on everything happens that the application does on its data source, in as many transactions as
   * it likes: those are savepoints, and their ends count as commit and rollback.
   *
   * @throws JobsError when the test is in one already.
   */
  async startTransaction(): Promise<void> {
    await this.engine.isolation.begin();
  }

  /** Rolls back what {@link startTransaction} began, waits for what runs inline before, and forgets what happened in it. */
  async rollbackTransaction(): Promise<void> {
    try {
      await this.settled();
    } finally {
      await this.engine.isolation.leave();
      this.clear();
    }
  }

  /**
   * Has everything that the application does on its data source happen in a transaction that the test began itself, and rolls back itself.
   * Savepoints within it count as transactions; what is emitted outside of one counts as committed at once.
   *
   * @param manager of that transaction, such as `queryRunner.manager`.
   * @returns a function to call before it is rolled back.
   */
  async joinTransaction(manager: EntityManager): Promise<() => Promise<void>> {
    const end = await this.engine.isolation.join(manager);
    return async () => {
      end();
      await this.rollbackTransaction();
    };
  }

  private running(method: string): EngineControls {
    if (this.mode !== 'recording') return this.engine.controls;
    throw new JobsError(
      `jobs.${method}() runs receivers, which mode 'recording' does not; use JobsTestingModule.forRoot({ mode: 'manual' }).`,
    );
  }
}
