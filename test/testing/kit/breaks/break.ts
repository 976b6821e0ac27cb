import type { jobsMatchers, JobsTestingMode } from '../../../../lib/testing/index.js';
import type { HouseUnderTest } from '../../support/house-under-test.js';
import type { Spoiler } from './spoiler.js';

/** A way in which the kit can be broken, and the cases that find it out. */
export interface Break {
  /** What a kit that is broken so does. */
  readonly what: string;
  readonly found: RegExp;
  /** Whether it shows on a database alone. */
  readonly needsDatabase?: boolean;
  /** The mode it has in the place of the one that is asked for. */
  readonly mode?: JobsTestingMode;
  /** Breaks it before the application is put together. */
  readonly before?: (spoiler: Spoiler) => void;
  /** The same once the application is there. */
  readonly after?: (house: HouseUnderTest, spoiler: Spoiler) => void;
  /** Matchers in the place of those of the same name. */
  readonly matchers?: Partial<typeof jobsMatchers>;
}
