import type { JobsTestingMode } from '../../../lib/testing/index.js';
import type { HouseUnderTest } from '../support/house-under-test.js';

/** One thing that the kit does for a test, in a form that a broken kit can be given, too. */
export interface KitCase {
  readonly name: string;
  readonly mode: JobsTestingMode;
  /** Whether it rolls rows back, which there are on a database alone. */
  readonly needsDatabase?: boolean;
  /** Rejects where something comes out differently. */
  run(house: HouseUnderTest): Promise<void>;
}

/** Cases of one mode by their names. */
export function casesOf(
  mode: JobsTestingMode,
  checks: Readonly<Record<string, KitCase['run']>>,
  needsDatabase = false,
): readonly KitCase[] {
  return Object.entries(checks).map(([name, run]) => ({ name, mode, needsDatabase, run }));
}

/** Receivers of runs, in the order in which they ran. */
export function receiversOf(runs: readonly { readonly receiver: string }[]): readonly string[] {
  return runs.map(({ receiver }) => receiver);
}
