import type { Clock } from '../../clock/clock.js';

/** The clock of the main thread, as far as it has been told here. */
export class MovableClock implements Clock {
  constructor(public offset: number) {}
}
