import type { Clock } from '../../../engine/clock/clock.js';
import { OptionChecks } from '../../../options/option-checks.js';

const checks = new OptionChecks('clock');

/**
 * A time that stands still until a test moves it, so that each run of a test sees the same.
 *
 * @publicApi
 */
export class MemoryClock implements Clock {
  private moved = 0;
  private followed: Clock = { offset: 0 };
  private readonly listeners = new Set<() => void>();

  /** @param start the time before it is moved; midnight of the first of January 2030 unless given. */
  constructor(private readonly start: Date = new Date('2030-01-01T00:00:00Z')) {}

  /** Milliseconds it was moved by. */
  get offset(): number {
    return this.moved + this.followed.offset;
  }

  /** The present moment. */
  now(): Date {
    return new Date(this.start.getTime() + this.offset);
  }

  /**
   * Moves time forward; what becomes due by it is looked for at once.
   *
   * @param duration milliseconds, or text such as `'90s'`, `'2h'` or `'30d'`.
   * @throws DurationError, InvalidOptionError when it is no duration.
   */
  advance(duration: number | string): void {
    this.moved += checks.duration('duration', duration);
    for (const listener of this.listeners) listener();
  }

  /** Moves time back to where it began. */
  reset(): void {
    this.moved = 0;
  }

  /** Goes along with another clock from here on: what that is moved by, this is moved by beside. */
  follow(clock: Clock): void {
    this.followed = clock;
  }

  /** Calls back each time it was moved forward. */
  onAdvance(listener: () => void): void {
    this.listeners.add(listener);
  }
}
