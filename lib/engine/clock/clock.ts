/**
 * Moves the engine's time for tests. Every statement that takes time adds the offset to the database's `now()`; in production it is 0.
 */
export interface Clock {
  /** Milliseconds to add to the database's clock. */
  readonly offset: number;
}

/** The database's clock, unmoved. */
export const databaseClock: Clock = { offset: 0 };
