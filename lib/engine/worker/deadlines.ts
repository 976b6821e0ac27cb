import { TIMER_LIMIT } from '../../options/option-checks.js';
import { type Enrolled, Roster } from './roster.js';

/** Something that may take until a time, by `performance.now()`. */
export interface Deadline extends Enrolled {
  /** When it passes; moved by {@link passed} where there is another one. */
  readonly at: number;
  /** It has passed. */
  passed(): void;
}

/** Watches over deadlines with one timer for all: nearly everything ends long before, and would have set a timer of its own in vain. */
export class Deadlines {
  private readonly watched = new Roster<Deadline>();
  private timer: NodeJS.Timeout | undefined;
  private firesAt = Infinity;

  watch(deadline: Deadline): void {
    this.watched.add(deadline);
    if (deadline.at < this.firesAt) this.fireAt(deadline.at);
  }

  forget(deadline: Deadline): void {
    this.watched.delete(deadline);
  }

  private fireAt(time: number): void {
    clearTimeout(this.timer);
    this.firesAt = time;
    // A timer may fire a fraction of a millisecond early.
    const wait = Math.ceil(time - performance.now()) + 1;
    this.timer = setTimeout(() => this.fire(), Math.min(wait, TIMER_LIMIT)).unref();
  }

  private fire(): void {
    this.firesAt = Infinity;
    const now = performance.now();
    for (const deadline of this.watched) if (deadline.at <= now) deadline.passed();
    let next = Infinity;
    for (const { at } of this.watched) next = Math.min(next, at);
    if (next < this.firesAt) this.fireAt(next);
  }
}
