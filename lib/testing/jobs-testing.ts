import type { EntityManager } from 'typeorm';
import { DEFAULT_DATA_SOURCE } from '../data-sources/default-data-source.js';
import { namedToken } from '../data-sources/named-token.js';
import { Maintenance } from '../engine/maintenance/maintenance.js';
import { MaintenanceStore } from '../engine/maintenance/maintenance-store.port.js';
import { AfterCommitSubscriber } from '../engine/wake-up/after-commit.subscriber.js';
import { JobsError } from '../errors/jobs.error.js';
import type { EventInstance, EventOutput, EventReference } from '../events/definition/event-types.js';
import { matchesPattern } from '../events/definition/event-name.js';
import type { EmittedEvent } from '../events/emit-options.interface.js';
import type { Emission } from '../events/emission.js';
import { ReliableEvents } from '../events/reliable-events.service.js';
import { type JobSweepCounts, JobSweeps } from '../jobs/sweeps/job-sweeps.js';
import { TargetResolver } from '../jobs/targets/target-resolver.js';
import type { JobFactName } from '../jobs/facts/job-fact.js';
import type { JobTypeClass } from '../jobs/types/job-type-class.js';
import type { TestClock } from './clock/test-clock.js';
import type { DeliverOptions } from './deliver/deliver-options.interface.js';
import { LoneDelivery } from './deliver/lone-delivery.js';
import type { DeliveredRun } from './driver/delivered-run.js';
import type { DrainOptions } from './driver/drain-options.interface.js';
import type { EngineUnderTest } from './engine-under-test.js';
import type { JobsTestingMode } from './jobs-testing-options.interface.js';
import { differences } from './matching/differences.js';
import { factsAbout, type JobExpectation } from './matching/job-expectation.js';
import { nameOfEvent } from './matching/name-of-event.js';
import { nameOfJobType } from './matching/name-of-job-type.js';
import type { RecordedEmission } from './record/recorded-emission.js';
import type { RecordedJobFact } from './record/recorded-job-fact.js';
import { Scenario } from './scenario/scenario.js';
import type { TestingHarness } from './testing-harness.js';
import { TestTransaction } from './transaction/test-transaction.js';

/**
 * What a test does with events and jobs of the application under test: runs them, moves time, and looks at what happened.
 *
 * @publicApi
 */
export class JobsTesting {
  /** @internal */
  constructor(
    private readonly harness: TestingHarness,
    private readonly dataSource: string = DEFAULT_DATA_SOURCE,
  ) {}

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
    const lone = new LoneDelivery(engine);
    if (options.transaction !== 'rollback') return lone.run(receiver, event, options);
    refuseInMemory(engine, "deliver with transaction: 'rollback'");
    const around = await TestTransaction.begin(engine.database.dataSource);
    try {
      return await lone.run(receiver, event, options);
    } finally {
      await around.end();
    }
  }

  /**
   * Emits an event in a transaction of its own, as `ReliableEvents.emit` does.
   *
   * @param event instance of an event's class, or what `emission(name or definition, payload)` makes.
   */
  async emit(event: EventInstance | Emission): Promise<EmittedEvent> {
    const [emitted] = await this.engine.get(namedToken(ReliableEvents, this.dataSource)).emitMany([event]);
    if (emitted === undefined) throw new JobsError('The event was not emitted.');
    return emitted;
  }

  /** Does what is due by the time alone, as the application's sweeps would: expiry, due times, snoozes, claims that lapsed. */
  async sweep(): Promise<JobSweepCounts> {
    return this.engine.get(namedToken(JobSweeps, this.dataSource)).run();
  }

  /**
   * Removes events that are past their retention, as workers do.
   *
   * @returns how many were removed.
   */
  async purge(): Promise<number> {
    return new Maintenance(this.engine.get(MaintenanceStore)).purge();
  }

  /**
   * Events that were emitted in transactions which have committed, since the start or the last `clear`.
   *
   * @param event class, definition, name or wildcard; every event when left out.
   * @param payload what their payloads must have, among others; may hold matchers such as `expect.any(String)`.
   */
  emitted<Reference extends EventReference>(
    event?: Reference,
    payload?: Partial<EventOutput<Reference>>,
  ): readonly RecordedEmission[] {
    const { emissions } = this.engine.controls.emissions;
    if (event === undefined) return emissions;
    const name = nameOfEvent(event);
    return emissions.filter((one) => matchesPattern(name, one.event) && matches(payload, one.payload));
  }

  /**
   * Runs of receivers, since the start or the last `clear`.
   *
   * @param event as for {@link emitted}.
   */
  delivered<Reference extends EventReference>(
    event?: Reference,
    payload?: Partial<EventOutput<Reference>>,
  ): readonly DeliveredRun[] {
    const { runs } = this.engine;
    if (event === undefined) return runs;
    const name = nameOfEvent(event);
    return runs.filter((one) => matchesPattern(name, one.event) && matches(payload, one.payload));
  }

  /**
   * Requests of jobs that opened one, in transactions which have committed, since the start or the last `clear`.
   *
   * @param type class or name; every type when left out.
   */
  requested(type?: JobTypeClass | string, expected: JobExpectation = {}): readonly RecordedJobFact[] {
    return this.facts('requested', type, expected);
  }

  /** Completions of jobs, however they came about; else the same as {@link requested}. */
  completed(type?: JobTypeClass | string, expected: JobExpectation = {}): readonly RecordedJobFact[] {
    return this.facts('completed', type, expected);
  }

  /**
   * Anything that happened to jobs; else the same as {@link requested}.
   *
   * @param fact such as `cancelled` or `expired`; everything when `undefined`.
   */
  facts(
    fact: JobFactName | undefined,
    type?: JobTypeClass | string,
    expected: JobExpectation = {},
  ): readonly RecordedJobFact[] {
    const name = type === undefined ? undefined : nameOfJobType(type);
    const wanted = this.fieldsOf(type, expected);
    return this.engine.controls.emissions.jobFacts.filter(
      (one) =>
        (fact === undefined || one.fact === fact) && (name === undefined || one.type === name) && matches(wanted, one),
    );
  }

  /**
   * The fields that facts must have.
   *
   * @internal
   */
  fieldsOf(type: JobTypeClass | string | undefined, expected: JobExpectation): Readonly<Record<string, unknown>> {
    return factsAbout(expected, type, this.engine.get(TargetResolver));
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
    await this.enter((engine) => TestTransaction.begin(engine.database.dataSource));
  }

  /** Rolls back what {@link startTransaction} began, waits for what runs inline before, and forgets what happened in it. */
  async rollbackTransaction(): Promise<void> {
    try {
      await this.settled();
    } finally {
      await this.engine.leaveTransaction();
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
    const { queryRunner } = manager;
    if (queryRunner?.isTransactionActive !== true) {
      throw new JobsError('joinTransaction was given a manager without an open transaction; begin it first.');
    }
    const end = this.engine.get(AfterCommitSubscriber).startWithin(queryRunner);
    await this.enter((engine) => TestTransaction.join(engine.database.dataSource, manager));
    return async () => {
      end();
      await this.rollbackTransaction();
    };
  }

  private get engine(): EngineUnderTest {
    return this.harness.engineOf(this.dataSource);
  }

  private running(method: string): EngineUnderTest['controls'] {
    if (this.mode !== 'recording') return this.engine.controls;
    throw new JobsError(
      `jobs.${method}() runs receivers, which mode 'recording' does not; use JobsTestingModule.forRoot({ mode: 'manual' }).`,
    );
  }

  private async enter(begin: (engine: EngineUnderTest) => Promise<TestTransaction>): Promise<void> {
    const { engine } = this;
    refuseInMemory(engine, 'startTransaction and joinTransaction');
    if (engine.transaction !== undefined) {
      throw new JobsError('The test is in a transaction already; call rollbackTransaction() in afterEach.');
    }
    engine.transaction = await begin(engine);
  }
}

function refuseInMemory({ memory }: EngineUnderTest, what: string): void {
  if (memory === undefined) return;
  throw new JobsError(
    `${what} need a database, whose rows they take back. In memory give each test a new MemoryStorage instead, which holds nothing.`,
  );
}

function matches(expected: unknown, actual: unknown): boolean {
  return expected === undefined || differences(expected, actual).length === 0;
}
