import type { Clock } from '../../engine/clock/clock.js';
import { JobsError } from '../../errors/jobs.error.js';
import { OptionChecks } from '../../options/option-checks.js';

const checks = new OptionChecks('clock');

/**
 * The engine's time, moved by a test: delays, retries, expiry, retention and sweeps follow, on the database's side too.
 *
 * It goes on from where it was moved to. JavaScript's `Date`, the timeouts of receivers and PostgreSQL's `now()` in statements of the
 * application are not moved.
 *
 * @publicApi
 */
export class TestClock implements Clock {
  private moved = 0;

  /** @param databaseTime reads the time of the database as it is. */
  constructor(private readonly databaseTime: () => Promise<number>) {}

  /** Milliseconds that are added to the clock of the database, or of the memory that takes its place. */
  get offset(): number {
    return this.moved;
  }

  /**
   * Moves time forward.
   *
   * @param duration milliseconds, or text such as `'90s'`, `'2h'` or `'30d'`.
   * @throws DurationError, InvalidOptionError when it is no duration.
   */
  advance(duration: number | string): void {
    this.moved += checks.duration('duration', duration);
  }

  /**
   * Moves time to a moment, be it ahead or back.
   *
   * @throws JobsError when the date is invalid.
   */
  async travelTo(moment: Date): Promise<void> {
    const time = moment.getTime();
    if (Number.isNaN(time)) throw new JobsError('clock.travelTo was given an invalid Date; give a valid one.');
    // Rounded up, since a moment that was travelled to is not to lie ahead.
    this.moved = Math.ceil(time - (await this.databaseTime()));
  }

  /** The time as the engine has it. */
  async now(): Promise<Date> {
    return new Date((await this.databaseTime()) + this.moved);
  }

  /** Moves time back to the database's. */
  reset(): void {
    this.moved = 0;
  }
}
