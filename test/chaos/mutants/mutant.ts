import type { Scenario } from './scenario.js';

/** A text of a source file that is replaced by another; it must be there exactly once. */
export interface Patch {
  /** Path below the repository's root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A bug planted in the engine, which the checker must find. */
export interface Mutant {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** What provokes it. */
  readonly scenario: Scenario;
  /** Rules of which at least one must be broken; nothing else may speak for a bug that is found by chance. */
  readonly caughtBy: readonly string[];
}
