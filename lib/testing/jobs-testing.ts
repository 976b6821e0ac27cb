import { DEFAULT_DATA_SOURCE } from '../data-sources/default-data-source.js';
import type { TestClock } from './clock/test-clock.js';
import type { EngineUnderTest } from './engine-under-test.js';
import type { JobsTestingMode } from './jobs-testing-options.interface.js';
import type { TestingHarness } from './testing-harness.js';

/**
 * What a test does with events and jobs of the application under test: runs them, moves time, and looks at what happened.
 *
 * @publicApi
 */
export class JobsTesting {
  /** @internal */
  constructor(
    private readonly harness: TestingHarness,
    readonly mode: JobsTestingMode,
    private readonly dataSource: string = DEFAULT_DATA_SOURCE,
  ) {}

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
    return new JobsTesting(this.harness, this.mode, dataSource);
  }

  private get engine(): EngineUnderTest {
    return this.harness.engineOf(this.dataSource);
  }
}
