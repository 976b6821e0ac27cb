import type { EventOutput, EventReference } from '../events/definition/event-types.js';
import { matchesPattern } from '../events/definition/event-name.js';
import type { JobFactName } from '../jobs/facts/job-fact.js';
import { TargetResolver } from '../jobs/targets/target-resolver.js';
import type { JobTypeClass } from '../jobs/types/job-type-class.js';
import type { DeliveredRun } from './driver/delivered-run.js';
import type { EngineUnderTest } from './engine-under-test.js';
import { differences } from './matching/differences.js';
import { factsAbout, type JobExpectation } from './matching/job-expectation.js';
import { nameOfEvent } from './matching/name-of-event.js';
import { nameOfJobType } from './matching/name-of-job-type.js';
import type { RecordedEmission } from './record/recorded-emission.js';
import type { RecordedJobFact } from './record/recorded-job-fact.js';
import type { TestingHarness } from './testing-harness.js';

/** What happened to events and jobs of the application under test. */
export abstract class ObservedJobs {
  /** @internal */
  constructor(
    /** @internal */
    protected readonly harness: TestingHarness,
    private readonly dataSource: string,
  ) {}

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

  /** @internal */
  protected get engine(): EngineUnderTest {
    return this.harness.engineOf(this.dataSource);
  }
}

function matches(expected: unknown, actual: unknown): boolean {
  return expected === undefined || differences(expected, actual).length === 0;
}
